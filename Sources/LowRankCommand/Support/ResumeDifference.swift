import LowRank

/// A setting in which a command differs from the run that it is to continue.
struct ResumeDifference {
  /// The keys of the settings that lead to it, the outermost first.
  let path: [String]
  /// The value of the run.
  let before: JSONValue
  /// The value of the command.
  let now: JSONValue

  /// The setting's own key.
  var key: String { path.last ?? "" }

  /// What differs, and what to give, of settings whose values are hashes.
  static let contents: [String: (what: String, remedy: String)] = [
    "data": (
      "the rows to train on are not those of the run",
      "give the --data, columns, templates and --max-seq-length that it began with"
    ),
    "valid_rows": (
      "the rows that --valid-share keeps for evaluation are not those of the run",
      "give the --data and --seed that it began with"
    ),
    "base": ("the model is not the one that the run began with", "give that --model"),
    "last_accumulation": (
      "an earlier version began the run, whose steps continued into the next epoch",
      "continue it with that version"
    ),
    "task": (
      "labels or columns are not those of the run",
      "give the --data, --text-column and --label-column that it began with"
    ),
  ]

  /// What differs, and what to give, where a flag does not say it; nil where one does.
  var content: (what: String, remedy: String)? {
    guard path[0] != "task" || path.count > 1 else { return nil }
    return Self.contents[path[0]]
  }

  /// The flag behind the setting: by PEFT's name, else by its own; nil if no flag says it.
  var flag: String? {
    let known = (try? VerbGrammar(of: Train.self))?.flags ?? [:]
    // The names inside patterns are those of modules.
    for key in path.reversed() {
      if let flag = Self.flags[key] { return flag }
      let flag = "--" + key.replacing("_", with: "-")
      if known[flag] != nil { return flag }
    }
    return nil
  }

  private static let flags = [
    "r": "--rank", "lora_alpha": "--alpha", "lora_dropout": "--dropout", "use_rslora": "--rslora",
    "use_dora": "--dora", "target_modules": "--target", "exclude_modules": "--exclude",
    "layers_to_transform": "--layers", "trainable_token_indices": "--trainable-tokens",
    "added_tokens": "--add-tokens", "shuffle": "--no-shuffle",
  ]

  /// The flag with the run's value and with the command's, as `--rank 8`; nil for a side that does not give it.
  func texts(of flag: String) -> (before: String?, now: String?) {
    // Inside a pattern, the key is the name of a module.
    let isInside = flag.hasSuffix("-pattern") && !key.hasSuffix("_pattern")
    let entry = isInside ? "\(key)=" : ""
    return (text(before, of: flag, entry), text(now, of: flag, entry))
  }

  private func text(_ value: JSONValue, of flag: String, _ entry: String) -> String? {
    // Shuffling is on unless a flag says otherwise.
    let isSwitchedOff = flag == "--no-shuffle"
    func list(_ parts: [String]) -> String? {
      parts.isEmpty
        ? nil : "\(flag) " + parts.prefix(8).joined(separator: ",") + (parts.count > 8 ? ",…" : "")
    }
    if let choice = MethodChoice(value) { return "\(flag) \(choice)" }
    switch value {
    case .null: return nil
    case .bool(let isOn): return isOn != isSwitchedOff ? flag : nil
    case .array(let items): return list(items.map { $0.string ?? $0.text() })
    case .object(let object):
      if flag == "--task" { return "\(flag) \(object["task"]?.string ?? "")" }
      return list(object.entries.map { "\($0.key)=\($0.value.string ?? $0.value.text())" })
    case .string(let text):
      return "\(flag) \(entry)\(flag == "--precision" ? text.lowercased() : text)"
    case .number: return "\(flag) \(entry)\(value.text())"
    }
  }
}
