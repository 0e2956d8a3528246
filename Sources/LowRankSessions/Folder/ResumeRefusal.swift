import LowRank

/// Why a run cannot be resumed: its settings differ now from those of the run.
struct ResumeRefusal {
  /// The settings that somebody changed, without those that follow from others.
  private let differences: [ResumeDifference]
  private let subject: RunSettings.Subject

  /// What keeps a run from being resumed; nil if nothing does.
  ///
  /// - Parameters:
  ///   - subject: what the command trains.
  ///   - isCounted: whether the number of steps may follow from the rows.
  init?(
    of old: JSONObject, against new: JSONObject, _ subject: RunSettings.Subject, isCounted: Bool
  ) {
    self.subject = subject
    let all = new.differences(from: old)
    let keys = Set(all.flatMap(\.path))
    // A run of the other verb has no setting in common that tells anything.
    if let other = all.first(where: { $0.key == RunSettings.subjectKey }) {
      differences = [other]
      return
    }
    let isOtherModel = keys.contains("base")
    differences = all.filter { difference -> Bool in
      // Other tokens make other rows to train, in the model and in the data.
      if keys.contains("added_tokens"),
        difference.key == "data" || difference.path.contains("trainable_token_indices")
      {
        return false
      }
      // What another method is configured by has other keys.
      if keys.contains("peft_type"), difference.path[0] == "adapter" {
        return difference.key == "peft_type"
      }
      return switch difference.key {
      case "trainable_parameters": all.count == 1
      // One that began without accumulation has no rule for the last one of an epoch.
      case "last_accumulation": !keys.contains("grad_accumulation")
      // By default, α is twice the rank.
      case "lora_alpha", "alpha": !keys.contains("r") && !keys.contains("rank")
      // With the flags in the state, these say it; the configuration has layers for some targets alone.
      case "layers_to_transform": old[RunSettings.flagsKey] == nil
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

  private static let restart: KeyedText = "or replace the run with \(.overwrite)"

  /// A sentence with all that differs and what to do.
  func sentence(of folder: String) -> KeyedText {
    if differences.count == 1 { return "\(folder): \(sentence(of: differences[0], folder))" }
    var (old, new, clauses): ([KeyedText], [KeyedText], [KeyedText]) = ([], [], [])
    for difference in differences {
      if let content = difference.content {
        if !clauses.contains(where: { $0.description == content.what.description }) {
          clauses.append(content.what)
        }
      } else if difference.key == "steps" {
        old.append("\(difference.before.text()) steps")
        new.append("\(difference.now.text()) steps")
      } else if let key = difference.setting {
        let (before, now) = difference.texts(of: key)
        if let before { old.append(before) }
        if let now { new.append(now) }
        if before == nil, now == nil { old.append("another \(key)") }
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

  private static func list(_ parts: [KeyedText]) -> KeyedText {
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
    return "\(parts.dropLast().joined(separator: ", ")) and \(last)"
  }

  /// What a single setting calls for.
  private func sentence(of difference: ResumeDifference, _ folder: String) -> KeyedText {
    let restart = Self.restart
    let (before, now) = (difference.before.text(), difference.now.text())
    if let content = difference.content {
      return "\(content.what); \(content.remedy), \(restart)"
    }
    if difference.key == "steps" {
      let further: KeyedText =
        subject == .adapter
        ? "\(.initAdapter) \(folder) trains its adapter further in another \(.output)"
        : "\(.model) \(folder) trains it further in another \(.output)"
      return """
        the run has \(before) steps, and this command asks for \(now); give the \(.iters) or \(.epochs) \
        that it began with, \(restart); \(further)
        """
    }
    guard let key = difference.setting else {
      return
        "the run began with \(difference.key) \(before), and this command has \(now); give the settings that it began with, \(restart)"
    }
    switch difference.texts(of: key) {
    case (let old?, let new?):
      return "the run began with \(old), and this command has \(new); give \(old), \(restart)"
    case (nil, let new?): return "the run began without \(new); leave it out, \(restart)"
    case (let old?, nil): return "the run began with \(old); give it again, \(restart)"
    case (nil, nil): return "the run began with another \(key); give that, \(restart)"
    }
  }
}
