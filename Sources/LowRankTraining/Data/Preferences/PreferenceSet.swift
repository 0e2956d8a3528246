/// Prompts with answers to learn preferences from, with the objective that says what a loss is.
public struct PreferenceSet: Sendable {
  /// Where they come from, for messages.
  public let source: String
  /// The examples in the order of the file.
  public let examples: [PreferenceExample]
  /// The row of each example in the file, counted from 1.
  public let rowNumbers: [Int]
  /// What the loss of a row is.
  public let objective: PreferenceObjective
  /// The most tokens of a prompt with an answer.
  public let maxLength: Int
  /// What rewards are measured against; nil for objectives without a reference.
  public var reference: ReferencePolicy?
  let scores = ReferenceScores()

  /// Examples, at least one.
  public init(
    _ examples: [PreferenceExample], rowNumbers: [Int]? = nil, source: String,
    objective: PreferenceObjective, maxLength: Int, reference: ReferencePolicy? = nil
  ) {
    precondition(
      !examples.isEmpty && examples.allSatisfy { $0.sides.count == (objective.isPaired ? 2 : 1) },
      "\(objective.method) cannot learn from the \(examples.count) examples of \(source)")
    self.source = source
    self.examples = examples
    self.rowNumbers = rowNumbers ?? Array(1...examples.count)
    (self.objective, self.maxLength, self.reference) = (objective, maxLength, reference)
  }

  /// Divides the examples into those to train on and those to evaluate on.
  ///
  /// - Throws: `DataError` if there are too few.
  public func divided(by share: ValidShare) throws(DataError) -> (
    train: PreferenceSet, valid: PreferenceSet
  ) {
    let labels = objective.isPaired ? nil : examples.map { [$0.isDesirable ? 1 : 0] }
    let kept = try share.rows(of: examples.count, labels: labels, at: source)
    let valid = Set(kept)
    let rest = examples.indices.filter { !valid.contains($0) }
    return (
      PreferenceSet(self, at: rest, source: source),
      PreferenceSet(self, at: kept, source: "\(source), rows kept for evaluation")
    )
  }

  /// Some examples of a set, at least one.
  package init(_ set: PreferenceSet, at places: [Int], source: String) {
    self.init(
      places.map { set.examples[$0] }, rowNumbers: places.map { set.rowNumbers[$0] },
      source: source, objective: set.objective, maxLength: set.maxLength,
      reference: set.reference)
  }
}
