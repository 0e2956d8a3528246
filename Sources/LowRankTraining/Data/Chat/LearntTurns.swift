/// Which turns of a conversation are learnt.
public enum LearntTurns: String, Hashable, Sendable, CaseIterable {
  /// All turns of the assistant.
  case assistant
  /// Its last one.
  case last
}
