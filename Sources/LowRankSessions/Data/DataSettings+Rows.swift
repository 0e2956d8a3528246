import LowRank

extension DataSettings {
  /// The settings that say how rows are read, as far as they are given.
  var rowSettings: JSONObject {
    func value(_ text: String?) -> JSONValue { text.map { .string($0.unescaped) } ?? .null }
    return [
      "text_column": textColumn.isEmpty ? .null : .array(textColumn.map { .string($0) }),
      "label_column": value(labelColumn), "prompt_column": value(promptColumn),
      "completion_column": value(completionColumn), "prompt_template": value(promptTemplate),
      "separator": value(separator == "" ? nil : separator),
      "train_on": value(trainOn == "assistant" ? nil : trainOn),
    ]
  }
}
