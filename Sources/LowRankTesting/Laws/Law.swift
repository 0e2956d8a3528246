/// What holds for every method, whatever it adds.
public enum Law: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// The merged model has the logits of the adapter on its base.
  case mergedIsUnmerged = "merged = unmerged"
  /// Merging leaves every weight of the base as it was, bit for bit.
  case baseIsKept = "merging keeps the base"
  /// An adapter that was saved and loaded is the same.
  case loadedIsSaved = "load(save(x)) = x"
  /// An adapter that was not trained changes nothing, wherever its factors start.
  case freshIsSilent = "a fresh adapter changes nothing"
  /// Gradients are what differences of losses say.
  case gradientIsDifference = "gradient = central difference"
  /// Turning a pair of factors into `(Q⁻¹A, BQ)` changes nothing.
  case gaugeIsFree = "(Q⁻¹A, BQ) = (A, B)"

  /// The law as a formula or sentence.
  public var description: String { rawValue }
}

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
