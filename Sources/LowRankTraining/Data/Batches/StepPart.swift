/// Examples of one micro-batch, next to each other in it, whose gradients one process computes at once.
package struct StepPart: Hashable, Sendable {
  /// The number of the micro-batch in its step.
  package let microbatch: Int
  /// The numbers of the examples.
  package let examples: [Int]
  /// The rows of the micro-batch before them.
  package let rowsBefore: Int
  /// The sequences of the micro-batch before them.
  package let sequencesBefore: Int
}

/// The examples of one step, over all processes.
package struct StepExamples {
  private let parts: [StepPart]
  private let costs: [Int]
  /// The real tokens that the model is given.
  package let inputTokens: Int

  /// The micro-batches of a step, in order.
  package init(_ microbatches: [[Int]], of set: any LearningSet) {
    var parts: [StepPart] = []
    for (microbatch, examples) in microbatches.enumerated() {
      var (rows, sequences) = (0, 0)
      for example in examples {
        parts.append(
          StepPart(
            microbatch: microbatch, examples: [example], rowsBefore: rows,
            sequencesBefore: sequences))
        rows += set.inputTokens(of: example)
        sequences += set.sequences(of: example)
      }
    }
    let tokens = parts.map { set.inputTokens(of: $0.examples[0]) }
    self.parts = parts
    inputTokens = tokens.reduce(0, +)
    costs = tokens.map { max(1, $0) }
  }

  /// The share of one process: a run of examples, such that the process with most tokens has as few as can be.
  ///
  /// Shares are a function of the step's examples and of `world` alone, so that together they are every example once. Some
  /// are empty where there are fewer examples than processes.
  /// - Parameter limit: the most examples of a part; nil for none.
  package func share(of rank: Int, among world: Int, atOnce limit: Int? = nil) -> [StepPart] {
    let greatest = leastGreatestCost(of: world)
    var (process, cost) = (0, 0)
    var share: [StepPart] = []
    for (part, own) in zip(parts, costs) {
      if cost + own > greatest { (process, cost) = (process + 1, 0) }
      cost += own
      if process == rank { share.append(part) }
    }
    return share.reduce(into: []) { joined, part in
      guard let last = joined.last, last.microbatch == part.microbatch,
        last.examples.count < limit ?? .max
      else { return joined.append(part) }
      joined[joined.count - 1] = StepPart(
        microbatch: last.microbatch, examples: last.examples + part.examples,
        rowsBefore: last.rowsBefore, sequencesBefore: last.sequencesBefore)
    }
  }

  /// The least number of tokens such that so many runs of examples, none with more, are all of them.
  private func leastGreatestCost(of world: Int) -> Int {
    var low = costs.max() ?? 0
    var high = costs.reduce(0, +)
    while low < high {
      let middle = (low + high) / 2
      if runs(ofAtMost: middle) <= world { high = middle } else { low = middle + 1 }
    }
    return high
  }

  private func runs(ofAtMost limit: Int) -> Int {
    var (runs, cost) = (1, 0)
    for own in costs {
      if cost + own > limit { (runs, cost) = (runs + 1, 0) }
      cost += own
    }
    return runs
  }
}
