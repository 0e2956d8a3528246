import LowRank

/// A run cannot be written to a folder, since the folder holds another run.
struct HeldRun: KeyedError {
  /// What the folder holds, and how to continue or replace it.
  let text: KeyedText

  /// The run of which a folder holds intact states; nil if it holds none.
  init?(_ history: StateHistory, in path: String) {
    guard let state = try? history.newest() else { return nil }
    let steps = state.settings["steps"]?.integer ?? state.number
    text =
      if state.isFinished {
        "\(path) holds a finished run of \(counted(state.number, "step")): \(.overwrite) replaces it, another \(.output) keeps it"
      } else {
        "\(path) holds a run stopped at step \(state.number) of \(steps): \(.resume) continues it, \(.overwrite) discards it"
      }
  }

  /// Whether an error asks to overwrite.
  static func isAvoided(byOverwriting error: any Error) -> Bool {
    switch error {
    case is HeldRun, PublishingError.exists, PublishingError.holdsOthers: true
    default: false
    }
  }
}
