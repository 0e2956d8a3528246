import LowRankAdapters

/// A law that a method breaks, where, and by how much.
public struct LawViolation: Error, Hashable, Sendable, CustomStringConvertible {
  /// The law.
  public let law: Law
  /// The trial: model and target.
  public let trial: String
  /// What was found.
  public let finding: String

  /// One sentence.
  public var description: String { "\(trial): \(law) does not hold: \(finding)" }
}

/// What checking a method found: the laws that were checked, and each violation.
public struct LawReport: Hashable, Sendable, CustomStringConvertible {
  /// The laws that applied in some trial; a method without pairs of factors has no gauge.
  public internal(set) var checked: Set<Law> = []
  /// What was found wrong.
  public internal(set) var violations: [LawViolation] = []

  /// Whether the method keeps a law.
  public func keeps(_ law: Law) -> Bool {
    checked.contains(law) && !violations.contains { $0.law == law }
  }

  /// The violations, one to a line.
  public var description: String {
    violations.isEmpty
      ? "\(checked.count) laws hold" : violations.map(\.description).joined(separator: "\n")
  }
}
