import LowRank

/// A part of its identity in which a run differs from the one that it is to continue.
struct ResumeDifference {
  /// The keys of the settings that lead to it, the outermost first.
  let path: [String]
  /// The value of the run.
  let before: JSONValue
  /// The value of the command.
  let now: JSONValue

  /// The innermost key.
  var key: String { path.last ?? "" }

  /// What differs, and what to give, of settings whose values are hashes.
  static let contents: [String: (what: KeyedText, remedy: KeyedText)] = [
    "data": (
      "the rows to train on are not those of the run",
      "give the \(.data), columns, templates and \(.maxSequenceLength) that it began with"
    ),
    "valid_rows": (
      "the rows that \(.validShare) keeps for evaluation are not those of the run",
      "give the \(.data) and \(.seed) that it began with"
    ),
    "base": ("the model is not the one that the run began with", "give that \(.model)"),
    RunSettings.subjectKey: (
      "the run is one of the other verb: train adapts a model, and pretrain trains all of its weights",
      "continue it with that verb"
    ),
    RunSettings.referenceKey: (
      "the adapter that answers are measured against is not the one that the run began with",
      "give that \(.initAdapter)"
    ),
    "last_accumulation": (
      "an earlier version began the run, whose steps continued into the next epoch",
      "continue it with that version"
    ),
    "task": (
      "labels or columns are not those of the run",
      "give the \(.data), \(.textColumn) and \(.labelColumn) that it began with"
    ),
  ]

  /// What differs, and what to give, where no setting says it; nil where one does.
  var content: (what: KeyedText, remedy: KeyedText)? {
    guard path[0] != "task" || path.count > 1 else { return nil }
    return Self.contents[path[0]]
  }

  /// The setting behind the difference: by PEFT's name, else by its own; nil if no setting says it.
  var setting: RunKey? {
    // The names inside patterns are those of modules.
    for key in path.reversed() {
      if let found = Self.settings[key] ?? RunKey(rawValue: key) { return found }
    }
    return nil
  }

  private static let settings: [String: RunKey] = [
    "r": .rank, "lora_alpha": .alpha, "lora_dropout": .dropout, "use_rslora": .rslora,
    "use_dora": .dora, "peft_type": .method, "target_modules": .target, "exclude_modules": .exclude,
    "layers_to_transform": .layers, "trainable_token_indices": .trainableTokens,
    "added_tokens": .addTokens, "shuffle": .noShuffle,
  ]

  /// The setting with the run's value and with the new one, as `rank 8`; nil for a side that does not give it.
  func texts(of setting: RunKey) -> (before: KeyedText?, now: KeyedText?) {
    // Inside a pattern, the key is the name of a module.
    let isInside = setting.rawValue.hasSuffix("_pattern") && !key.hasSuffix("_pattern")
    let entry = isInside ? "\(key)=" : ""
    return (text(before, of: setting, entry), text(now, of: setting, entry))
  }

  private func text(_ value: JSONValue, of setting: RunKey, _ entry: String) -> KeyedText? {
    // Shuffling is on unless a setting says otherwise.
    let isSwitchedOff = setting == .noShuffle
    func list(_ parts: [String]) -> KeyedText? {
      guard !parts.isEmpty else { return nil }
      let shown = parts.prefix(8).joined(separator: ",") + (parts.count > 8 ? ",…" : "")
      return "\(setting) \(shown)"
    }
    if let choice = MethodChoice(value) { return "\(setting) \(choice)" }
    switch value {
    case .null: return nil
    case .bool(let isOn): return isOn != isSwitchedOff ? "\(setting)" : nil
    case .array(let items): return list(items.map { $0.string ?? $0.text() })
    case .object(let object):
      if setting == .task { return "\(setting) \(object["task"]?.string ?? "")" }
      return list(object.entries.map { "\($0.key)=\($0.value.string ?? $0.value.text())" })
    case .string(let type) where key == "peft_type":
      let card = MethodRegistries.architectures.cards.first {
        ($0.peftType ?? $0.name.uppercased()) == type
      }
      return "\(setting) \(card?.name ?? type)"
    case .string(let text):
      let text = setting == .precision ? text.lowercased() : text
      guard text.contains(where: \.isWhitespace) else { return "\(setting) \(entry)\(text)" }
      return "\(setting) '\(text.replacing("\n", with: "\\n").replacing("\t", with: "\\t"))'"
    case .number: return "\(setting) \(entry)\(value.text())"
    }
  }
}
