import LowRank

/// Why a run cannot be resumed: settings of the command differ from those of the run.
struct ResumeRefusal {
  /// The settings that somebody changed, without those that follow from others.
  private let differences: [ResumeDifference]

  /// What keeps a run from being resumed; nil if nothing does.
  ///
  /// - Parameter isCounted: whether the number of steps may follow from the rows.
  init?(of old: JSONObject, against new: JSONObject, isCounted: Bool) {
    let all = new.differences(from: old)
    let keys = Set(all.flatMap(\.path))
    let isOtherModel = keys.contains("base")
    differences = all.filter { difference -> Bool in
      // Other tokens make other rows to train, in the model and in the data.
      if keys.contains("added_tokens"),
        difference.key == "data" || difference.path.contains("trainable_token_indices")
      {
        return false
      }
      return switch difference.key {
      case "trainable_parameters": all.count == 1
      // By default, α is twice the rank.
      case "lora_alpha", "alpha": !keys.contains("r") && !keys.contains("rank")
      // With the flags in the state, these say it; the configuration has layers for some targets alone.
      case "layers_to_transform": old[Train.flagsKey] == nil
      case "target_modules", "rank_pattern", "alpha_pattern":
        !isOtherModel && !keys.contains("layers")
      case "steps": !isCounted || keys.isDisjoint(with: Self.countedFrom)
      default: true
      }
    }
    if differences.isEmpty { return nil }
  }

  /// The settings that the number of steps follows from, where epochs are given.
  private static let countedFrom: Set = ["valid_share", "data", "batch_size", "grad_accumulation"]

  private static let restart = "or replace the run with --overwrite"

  /// A sentence with all that differs and what to do.
  func sentence(of folder: String) -> String {
    if differences.count == 1 { return "\(folder): \(Self.sentence(of: differences[0], folder))" }
    var (old, new, clauses): ([String], [String], [String]) = ([], [], [])
    for difference in differences {
      if let content = difference.content {
        if !clauses.contains(content.what) { clauses.append(content.what) }
      } else if difference.key == "steps" {
        old.append("\(difference.before.text()) steps")
        new.append("\(difference.now.text()) steps")
      } else if let flag = difference.flag {
        let (before, now) = difference.texts(of: flag)
        if let before { old.append(before) }
        if let now { new.append(now) }
        if before == nil, now == nil { old.append("another \(flag)") }
      } else {
        old.append("\(difference.key) \(difference.before.text())")
        new.append("\(difference.key) \(difference.now.text())")
      }
    }
    switch (old.isEmpty, new.isEmpty) {
    case (false, false):
      clauses.insert(
        "the run began with \(Self.list(old)), and this command has \(Self.list(new))", at: 0)
    case (false, true): clauses.insert("the run began with \(Self.list(old))", at: 0)
    case (true, false): clauses.insert("the run began without \(Self.list(new))", at: 0)
    case (true, true): break
    }
    return "\(folder): \(clauses.joined(separator: "; ")); give what it began with, \(Self.restart)"
  }

  private static func list(_ parts: [String]) -> String {
    parts.count < 2
      ? parts.joined() : parts.dropLast().joined(separator: ", ") + " and " + parts[parts.count - 1]
  }

  /// What a single setting calls for.
  private static func sentence(of difference: ResumeDifference, _ folder: String) -> String {
    let (before, now) = (difference.before, difference.now)
    if let content = difference.content {
      return "\(content.what); \(content.remedy), \(restart)"
    }
    if difference.key == "steps" {
      return """
        the run has \(before.text()) steps, and this command asks for \(now.text()); give the --iters or --epochs \
        that it began with, \(restart); --init-adapter \(folder) trains its adapter further in another --adapter-path
        """
    }
    guard let flag = difference.flag else {
      return
        "the run began with \(difference.key) \(before.text()), and this command has \(now.text()); give the flags that it began with, \(restart)"
    }
    switch difference.texts(of: flag) {
    case (let old?, let new?):
      return "the run began with \(old), and this command has \(new); give \(old), \(restart)"
    case (nil, let new?): return "the run began without \(new); leave it out, \(restart)"
    case (let old?, nil): return "the run began with \(old); give it again, \(restart)"
    case (nil, nil): return "the run began with another \(flag); give that, \(restart)"
    }
  }
}
