import LowRank

/// Why a run cannot be resumed: a setting of the command differs from that of the run.
struct ResumeRefusal {
  /// The keys of the settings that lead to the difference, the outermost first.
  let path: [String]
  /// The value of the run.
  let before: JSONValue
  /// The value of the command.
  let now: JSONValue

  /// A sentence with the flags of both and what to do.
  func sentence(of folder: String) -> String {
    let restart = "or replace the run with --overwrite"
    let key = path.last ?? ""
    if let difference = Self.contents[path[0]] { return "\(folder): \(difference), \(restart)" }
    if path[0] == "task", path.count > 1 {
      return
        "\(folder): labels or columns are not those of the run; give the --data, --text-column and --label-column that it began with, \(restart)"
    }
    if key == "steps" {
      return """
        \(folder): the run has \(before.text()) steps, and this command asks for \(now.text()); give the --iters or --epochs \
        that it began with, \(restart); --init-adapter \(folder) trains its adapter further in another --adapter-path
        """
    }
    guard let flag = Self.flag(of: path) else {
      return
        "\(folder): the run began with \(key) \(before.text()), and this command has \(now.text()); give the flags that it began with, \(restart)"
    }
    // Inside a pattern, the key is the name of a module.
    let isInside = flag.hasSuffix("-pattern") && !key.hasSuffix("_pattern")
    let entry = isInside ? "\(key)=" : ""
    let (old, new) = (text(before, of: flag, entry), text(now, of: flag, entry))
    switch (old, new) {
    case (let old?, let new?):
      return
        "\(folder): the run began with \(old), and this command has \(new); give \(old), \(restart)"
    case (nil, let new?):
      return "\(folder): the run began without \(new); leave it out, \(restart)"
    case (let old?, nil):
      return "\(folder): the run began with \(old); give it again, \(restart)"
    case (nil, nil):
      return "\(folder): the run began with another \(flag); give that, \(restart)"
    }
  }

  /// What differs, for settings whose values are hashes.
  private static let contents = [
    "data":
      "the rows to train on are not those of the run; give the --data, columns, templates and --max-seq-length that it began with",
    "valid_rows":
      "the rows that --valid-share keeps for evaluation are not those of the run; give the --data and --seed that it began with",
    "base": "the model is not the one that the run began with; give that --model",
    "last_accumulation":
      "an earlier version began the run, whose steps continued into the next epoch; continue it with that version",
  ]

  /// A flag with a value, as `--rank 8`; nil if it is not given.
  private func text(_ value: JSONValue, of flag: String, _ entry: String) -> String? {
    // Shuffling is on unless a flag says otherwise.
    let isSwitchedOff = flag == "--no-shuffle"
    func list(_ parts: [String]) -> String? {
      parts.isEmpty
        ? nil : "\(flag) " + parts.prefix(8).joined(separator: ",") + (parts.count > 8 ? ",…" : "")
    }
    switch value {
    case .null: return nil
    case .bool(let isOn): return isOn != isSwitchedOff ? flag : nil
    case .array(let items): return list(items.map { $0.string ?? $0.text() })
    case .object(let object):
      return list(object.entries.map { "\($0.key)=\($0.value.string ?? $0.value.text())" })
    case .string(let text):
      return "\(flag) \(entry)\(flag == "--precision" ? text.lowercased() : text)"
    case .number: return "\(flag) \(entry)\(value.text())"
    }
  }

  /// The flag behind a setting: by PEFT's name, else by its own; nil if no flag says it.
  private static func flag(of path: [String]) -> String? {
    let known = (try? VerbGrammar(of: Train.self))?.flags ?? [:]
    // The names inside patterns are those of modules.
    for key in path.reversed() {
      if let flag = flags[key] { return flag }
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
}
