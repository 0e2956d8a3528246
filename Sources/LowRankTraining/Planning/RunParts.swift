import LowRankTransformers

/// The examples that a run computes together, from where it stands to its end.
///
/// The order of the examples follows from the seed, so the largest batch of a run is known before it begins.
package struct RunParts {
  /// The most examples that are looked through; of a longer run, the rest is taken to be like them.
  static let most = 1 << 20

  /// The tokens of each example of the set.
  private let lengths: [Int32]
  /// The examples in the order of the run.
  private var order: [Int32] = []
  /// Where each micro-batch ends in that order.
  private var ends: [Int] = []
  /// Whether the whole run was looked through.
  private(set) var isWhole = true

  /// The micro-batches of a run.
  package init(_ loader: Loader, steps: Int, accumulation: Int) {
    lengths = loader.set.lengths
    var loader = loader
    for _ in 0..<steps {
      for batch in loader.nextStep(of: accumulation) {
        order += batch.map(Int32.init)
        ends.append(order.count)
      }
      guard order.count < Self.most else {
        isWhole = false
        return
      }
    }
  }

  /// The batches in which a set is evaluated, in the order of the file.
  package init(evaluating set: any TrainingSet, batchSize: Int) {
    lengths = set.lengths
    order = (0..<set.count).map(Int32.init)
    ends = stride(from: 0, to: set.count, by: batchSize).map { min($0 + batchSize, set.count) }
  }

  /// The part with most tokens and, unless it is the same, the one with the longest row, if so many examples are
  /// computed at once.
  ///
  /// Micro-batches are divided as ``StepExamples`` divides them.
  package func largest(atOnce limit: Int?) -> [[Int]] {
    var (most, longest) = (Candidate(), Candidate())
    var start = 0
    for end in ends {
      let count = limit.map { (end - start + $0 - 1) / $0 } ?? 1
      for part in 0..<count {
        let size = end - start
        let range = start + size * part / count..<start + size * (part + 1) / count
        var (tokens, row) = (0, 0)
        for example in order[range] {
          let length = Int(lengths[Int(example)])
          tokens += length
          row = max(row, length)
        }
        if tokens > most.tokens { most = Candidate(range: range, tokens: tokens, row: row) }
        if row > longest.row || row == longest.row && tokens > longest.tokens {
          longest = Candidate(range: range, tokens: tokens, row: row)
        }
      }
      start = end
    }
    let parts = most.row == longest.row ? [most] : [most, longest]
    return parts.map { order[$0.range].map(Int.init) }
  }

  /// Up to so many parts from all over the run, of different lengths as they come.
  func some(_ count: Int, atOnce limit: Int?) -> [[Int]] {
    stride(from: 0, to: ends.count, by: max(1, ends.count / count)).prefix(count).map { batch in
      let start = batch == 0 ? 0 : ends[batch - 1]
      let parts = limit.map { (ends[batch] - start + $0 - 1) / $0 } ?? 1
      return order[start..<start + (ends[batch] - start) / parts].map(Int.init)
    }
  }

  /// The examples that the run reads, each once; of a run that was not looked through, all of the set.
  package var examples: [Int] {
    isWhole ? Set(order).sorted().map(Int.init) : Array(lengths.indices)
  }

  /// So many of the longest examples of the set, together: no part of a run has more tokens.
  package func longest(_ count: Int) -> [Int] {
    Array(lengths.indices.sorted { lengths[$0] > lengths[$1] }.prefix(count))
  }

  /// The tokens of some examples together.
  package func tokens(of examples: [Int]) -> Int { examples.reduce(0) { $0 + Int(lengths[$1]) } }

  /// Examples that are computed together.
  private struct Candidate {
    var range = 0..<0
    var tokens = -1
    var row = -1
  }
}

extension TrainingSet {
  /// The tokens of each example that the model is given.
  var lengths: [Int32] { (0..<count).map { Int32(inputTokens(of: $0)) } }
}
