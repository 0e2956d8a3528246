/// Which turns of a conversation are trained.
public enum TrainedTurns: String, Hashable, Sendable, CaseIterable {
  /// All turns of the assistant.
  case assistant
  /// Its last one.
  case last
}
