/// Examples of one micro-batch, next to each other in it, whose gradients one process computes at once.
package struct StepPart: Hashable, Sendable {
  /// The number of the micro-batch in its step.
  package let microbatch: Int
  /// The numbers of the examples.
  package let examples: [Int]
  /// The numbers of all examples of the micro-batch; nil where they are these.
  package var whole: [Int]?
  /// The rows of the micro-batch before them.
  package let rowsBefore: Int
  /// The sequences of the micro-batch before them.
  package let sequencesBefore: Int
}

/// The examples of one step, over all processes.
package struct StepExamples {
  private let places: [StepItem]
  private let microbatches: [[Int]]
  /// The real tokens that the model is given.
  package let inputTokens: Int

  /// An example of the step, and what stands before it in its micro-batch.
  private struct StepItem {
    let example: Int
    let microbatch: Int
    let rowsBefore: Int
    let sequencesBefore: Int
    /// What it costs to compute, in tokens.
    let cost: Int
  }

  /// The micro-batches of a step, in order.
  package init(_ microbatches: [[Int]], of set: any TrainingSet) {
    var places: [StepItem] = []
    var inputTokens = 0
    for (microbatch, examples) in microbatches.enumerated() {
      var (rows, sequences) = (0, 0)
      for example in examples {
        let tokens = set.inputTokens(of: example)
        places.append(
          StepItem(
            example: example, microbatch: microbatch, rowsBefore: rows,
            sequencesBefore: sequences, cost: max(1, tokens)))
        rows += tokens
        sequences += set.sequences(of: example)
      }
      inputTokens += rows
    }
    self.places = places
    self.microbatches = microbatches
    self.inputTokens = inputTokens
  }

  /// The number of micro-batches.
  package var count: Int { microbatches.count }

  /// The share of one process: a run of examples, such that the process with most tokens has as few as can be.
  ///
  /// Shares are a function of the step's examples and of `world` alone, so that together they are every example once. Some
  /// are empty where there are fewer examples than processes.
  /// - Parameter limit: the most examples of a part; nil for none.
  package func share(of rank: Int, among world: Int, atOnce limit: Int? = nil) -> [StepPart] {
    let own = runs(ofAtMost: leastGreatestCost(of: world)).dropFirst(rank).first ?? 0..<0
    var parts: [StepPart] = []
    var start = own.lowerBound
    while start < own.upperBound {
      let microbatch = places[start].microbatch
      let end = places[start..<own.upperBound].prefix { $0.microbatch == microbatch }.endIndex
      // Of like sizes, since the memory of one is used again for the next.
      let count = limit.map { (end - start + $0 - 1) / $0 } ?? 1
      for part in 0..<count {
        let from = start + (end - start) * part / count
        let to = start + (end - start) * (part + 1) / count
        parts.append(
          StepPart(
            microbatch: microbatch, examples: places[from..<to].map(\.example),
            whole: microbatches[microbatch],
            rowsBefore: places[from].rowsBefore, sequencesBefore: places[from].sequencesBefore))
      }
      start = end
    }
    return parts
  }

  /// The least number of tokens such that so many runs of examples, none with more, are all of them.
  private func leastGreatestCost(of world: Int) -> Int {
    var high = places.reduce(0) { $0 + $1.cost }
    var low = max(places.map(\.cost).max() ?? 0, high / world)
    while low < high {
      let middle = (low + high) / 2
      if runs(ofAtMost: middle).count <= world { high = middle } else { low = middle + 1 }
    }
    return high
  }

  /// The examples in runs of at most so many tokens, each as long as it can be.
  private func runs(ofAtMost limit: Int) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var (start, cost) = (0, 0)
    for (index, place) in places.enumerated() {
      if cost + place.cost > limit {
        runs.append(start..<index)
        (start, cost) = (index, 0)
      }
      cost += place.cost
    }
    return runs + [start..<places.count]
  }
}
