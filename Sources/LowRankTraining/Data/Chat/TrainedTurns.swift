/// Which tokens of a row are trained: of conversations some turns, or all tokens of every row.
public enum TrainedTurns: String, Hashable, Sendable, CaseIterable {
  /// All turns of the assistant.
  case assistant
  /// Its last one.
  case last
  /// Every token: prompts, and all turns of everyone.
  case all
}
