import LowRankProgress

extension PreferenceSet {
  /// Works out the log-probabilities of all answers under the reference, which batches use from then on.
  ///
  /// The batches are those of an evaluation in order, whatever the run does with the examples, so that a run that is
  /// continued has the same numbers.
  /// - Parameter atOnce: the most examples that are computed together; nil for all of a batch.
  /// - Returns: whether it was done; not where it was interrupted.
  /// - Throws: what the reducer throws.
  @discardableResult
  public func scoreReference(
    batchSize: Int, atOnce: Int? = nil, reducer: any Reducer = SingleProcess(),
    until isInterrupted: () -> Bool = { false }
  ) throws -> Bool {
    guard objective.needsReference, reference != nil else { return true }
    let sides = objective.isPaired ? 2 : 1
    var numbers = [Double](repeating: 0, count: count * sides + 1)
    let work = Work("scoring \(source) by the reference", of: count)
    defer { work.end() }
    for batch in SequentialBatches(
      self, batchSize: batchSize, rank: reducer.rank, world: reducer.world, atOnce: atOnce)
    {
      guard !isInterrupted() else {
        numbers[count * sides] = 1
        break
      }
      for (source, values) in zip(batch.sources, batch.references()) {
        numbers.replaceSubrange(source * sides..<(source + 1) * sides, with: values)
      }
      work.advance(by: batch.sources.count * reducer.world)
    }
    try reducer.sum(&numbers)
    guard numbers[count * sides] == 0 else { return false }
    scores.keep((0..<count).map { Array(numbers[$0 * sides..<($0 + 1) * sides]) })
    return true
  }
}
