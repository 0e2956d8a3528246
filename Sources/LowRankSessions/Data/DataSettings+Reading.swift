import Foundation
import LowRank

extension DataSettings {
  /// Where texts and labels stand, as far as it is given.
  package var columns: ColumnChoice { ColumnChoice(texts: textColumn, label: labelColumn) }

  /// The columns of texts, or of prompts and completions.
  ///
  /// - Parameter kept: what the adapter's folder stores, which applies without a setting if the file has those columns.
  package func textColumns(keptIn kept: JSONObject? = nil) throws -> TextColumns {
    if labelColumn != nil {
      throw SettingsError(
        "\(.labelColumn) is for \(.task) classification, regression or multilabel")
    }
    guard textColumn.count <= 1 else {
      throw SettingsError(
        "\(.textColumn) names \(textColumn.count) columns, expected one: pairs are for \(.task); prompts are named with \(.promptColumn)"
      )
    }
    let given = TextColumns(
      text: textColumn.first, prompt: promptColumn, completion: completionColumn,
      template: try parsedTemplate)
    guard given.template == nil || given.prompt == nil else {
      throw SettingsError(
        "\(.promptTemplate) contradicts \(.promptColumn): the template names the columns itself")
    }
    if given.text == nil, given.template == nil, !given.isEmpty,
      given.prompt ?? "prompt" == given.completion ?? "completion"
    {
      throw SettingsError(
        "the prompt and the completion are both \"\(given.prompt ?? "prompt")\": give two columns with \(.promptColumn) and \(.completionColumn)"
      )
    }
    if let template = given.template, let completion = given.completion,
      template.columns.contains(completion)
    {
      throw SettingsError(
        "\(.promptTemplate) has the completion, {\(completion)}, in the prompt: name another column with \(.completionColumn)"
      )
    }
    let others: [(RunKey, String?)] = [
      (RunKey.promptColumn, promptColumn), (RunKey.completionColumn, completionColumn),
      (RunKey.promptTemplate, promptTemplate),
    ]
    guard given.text == nil || others.allSatisfy({ $0.1 == nil }) else {
      let other = others.first { $0.1 != nil }?.0 ?? .promptColumn
      throw SettingsError(
        "\(.textColumn) contradicts \(other): a row is a text, or a prompt and its completion")
    }
    return kept.map { given.completed(by: TextColumns(kept: $0)) } ?? given
  }

  /// The template of prompts, with `\n` and `\t` as line ends and tabs.
  private var parsedTemplate: PromptTemplate? {
    get throws { try promptTemplate.map { try PromptTemplate(setting: $0) } }
  }

  /// What the adapter's folder stores about its data; nil if it stores nothing, or if there is no adapter.
  package func kept(beside adapter: String?) throws -> JSONObject? {
    guard let adapter else { return nil }
    return try? AdapterFolder.task(at: Located.adapter(adapter))
  }

  /// How rows become sequences for a classifier.
  ///
  /// - Parameter trained: the most tokens that training took of a row.
  package func labelledEncoder(for model: Model, trained: Int? = nil) throws -> LabelledEncoder {
    guard let folder = model.folder else { throw SettingsError("\(.model) DIR is missing") }
    return try labelledEncoder(in: folder.url, model.architecture, trained: trained)
  }

  /// How rows become sequences for the classifier in a folder.
  package func labelledEncoder(
    in folder: URL, _ architecture: any Architecture, trained: Int? = nil
  ) throws -> LabelledEncoder {
    if let input = architecture.backbone.imageInput { return try imageEncoder(in: folder, input) }
    guard separator?.isEmpty ?? true else {
      throw SettingsError(
        "\(.separator) has no effect here: the tokenizer separates the two texts of a pair")
    }
    for (key, value) in [(RunKey.trainOn, trainOn), (RunKey.chatTemplate, chatTemplate.name)]
    where value != nil {
      throw SettingsError("\(key) has no effect here: rows with labels are no conversations")
    }
    for (key, value) in [
      (RunKey.promptColumn, promptColumn), (RunKey.completionColumn, completionColumn),
      (RunKey.promptTemplate, promptTemplate),
    ] where value != nil {
      throw SettingsError("\(key) has no effect here: texts are named with \(.textColumn)")
    }
    return LabelledEncoder(
      try Tokenizer(model: folder), maxLength: try length(for: architecture, default: trained),
      vocabularySize: architecture.vocabularySize)
  }

  /// The most tokens of a row.
  private func length(
    for architecture: any Architecture, default given: Int? = nil
  ) throws -> Int {
    let length = maxSequenceLength ?? given ?? min(architecture.positions, 2048)
    if let limit = architecture.positionLimit, length > limit {
      throw SettingsError(
        "\(.maxSequenceLength) is \(length), expected at most the model's \(limit) positions")
    }
    try Bounds.check(length, "\(.maxSequenceLength)", from: 2, to: Bounds.steps)
    if let maxSequenceLength, maxSequenceLength > architecture.positions {
      Remarks.note(
        "\(.maxSequenceLength) is \(maxSequenceLength), and the model was trained on \(architecture.positions) positions; what it makes of later ones is not known"
      )
    }
    return length
  }

  /// How rows become examples for a model.
  ///
  /// - Parameters:
  ///   - adapter: the folder of an adapter, whose chat template is preferred to the model's.
  ///   - beginsRun: whether a run begins with the adapter, which then brings no separator.
  package func encoder(
    for model: Model, adapter: String? = nil, beginsRun: Bool = false
  ) throws -> ExampleEncoder {
    guard let folder = model.folder else { throw SettingsError("\(.model) DIR is missing") }
    return try encoder(
      in: folder.url, tokenizer: model.tokenizerFolder, model.architecture, adapter: adapter,
      beginsRun: beginsRun)
  }

  /// How rows become examples for the model in a folder.
  ///
  /// - Parameter tokenizerFolder: the folder of the tokenizer, if it is not the model's own.
  package func encoder(
    in folder: URL, tokenizer tokenizerFolder: URL? = nil, _ architecture: any Architecture,
    adapter: String? = nil, beginsRun: Bool = false
  ) throws -> ExampleEncoder {
    let kept = try beginsRun ? nil : kept(beside: adapter)
    let tokenizer = try Tokenizer(model: tokenizerFolder ?? folder)
    let end = try EndOfSequence(inModelFolder: folder, tokenizer: tokenizerFolder) {
      tokenizer.id(of: $0)
    }
    return ExampleEncoder(
      tokenizer, endOfSequence: end.id,
      maxLength: try length(for: architecture, default: kept?["max_seq_length"]?.integer),
      separator: separator?.unescaped ?? kept?["separator"]?.string ?? "",
      vocabularySize: architecture.vocabularySize,
      chat: try chatTemplate.chat(
        in: folder, adapter: adapter, tokenizer, end, learns: try trainedTurns),
      trainsPrompts: try trainedTurns == .all)
  }

  /// Reads the examples of a split and reports what became of its rows.
  ///
  /// - Parameter kept: what the adapter's folder stores, which includes the columns.
  package func examples(
    _ split: DataSplit, _ encoder: ExampleEncoder, keptIn kept: JSONObject? = nil
  ) throws -> ExampleSet {
    let set = try ExampleSet(of: split, encoder: encoder, columns: textColumns(keptIn: kept))
    Remarks.say("\(set.source): \(set.counts)")
    LostText.warn(set.counts.lost, in: set.source)
    for remark in set.remarks { Remarks.note("\(remark)") }
    for warning in set.warnings { Remarks.warn("\(warning)") }
    if !set.holdsConversations { try refuseSettingsOfConversations(set.source) }
    return set
  }

  /// Says that prompts are made by the template of the adapter that a run begins with.
  func noteTemplate(of set: ExampleSet, keptBy adapter: String?) {
    guard promptTemplate == nil, let adapter, let template = set.columns.template else { return }
    let text = template.text.replacing("\n", with: "\\n")
    Remarks.note(
      "prompts are made by \"\(text)\", as \(adapter) was trained; \(.promptTemplate) gives another"
    )
  }

  /// Refuses settings that mean nothing to a file without conversations.
  package func refuseSettingsOfConversations(_ source: String) throws {
    let turns = trainOn == TrainedTurns.all.rawValue ? nil : trainOn
    for (key, value) in [(RunKey.trainOn, turns), (RunKey.chatTemplate, chatTemplate.name)]
    where value != nil {
      throw SettingsError("\(key) has no effect: \(source) holds no conversations")
    }
  }

  /// What is trained of a row.
  private var trainedTurns: TrainedTurns {
    get throws {
      guard let trainOn else { return .assistant }
      guard let turns = TrainedTurns(rawValue: trainOn) else {
        throw SettingsError.value(
          trainOn, of: .trainOn, expected: TrainedTurns.allCases.map(\.rawValue))
      }
      return turns
    }
  }
}

extension String {
  /// The text with `\n` and `\t` replaced by what they stand for.
  package var unescaped: String { replacing("\\n", with: "\n").replacing("\\t", with: "\t") }
}

extension PromptTemplate {
  /// Reads the text of a prompt template.
  ///
  /// - Throws: `SettingsError` where it is no template.
  package init(setting text: String) throws {
    do { try self.init(text.unescaped) } catch {
      throw SettingsError("\(.promptTemplate) is \"\(text)\": \(error)")
    }
  }
}
