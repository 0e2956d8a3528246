import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// Adds up what some linear maps are given, and what flows back to them.
final class StatisticsObserver: LinearObserver {
  private let sums: [String: SiteSums]
  private var rows = PackedRows(lengths: [])
  private var trained: [Int32]?
  private var sources: [Int] = []
  private let isFolded: Bool

  init(_ sums: [SiteSums], isFolded: Bool) {
    self.isFolded = isFolded
    self.sums = Dictionary(uniqueKeysWithValues: sums.map { ($0.site.path, $0) })
  }

  /// Says which rows are seen next.
  func begin(_ rows: PackedRows, of sources: [Int], trained: [Int32]?) {
    (self.rows, self.sources, self.trained) = (rows, sources, trained)
  }

  func observe(_ path: String, input: Tensor, on engine: any Engine) {
    guard let sums = sums[path] else { return }
    let isWhole = input.shape.rows == rows.count
    let ids = isWhole ? trained.map { engine.tensor($0, [$0.count]) } : nil
    let sequences = isWhole ? rows.segments : sequences(of: input)
    sums.add(inputs: input, trained: ids, sequences: sequences)
    guard isFolded else { return }
    let counted = isWhole ? trained : nil
    let all = counted ?? (0..<Int32(input.shape.rows)).map { $0 }
    var place = 0
    let examples = all.map { row in
      while place + 1 < sequences.count, Int(row) >= sequences[place].upperBound { place += 1 }
      return place < sources.count ? sources[place] : 0
    }
    sums.add(folded: input, rows: all, of: examples)
  }

  func observe(_ path: String, input: Tensor, outputGradient: Tensor, on engine: any Engine) {
    sums[path]?.add(outputGradients: outputGradient, inputs: input)
  }

  /// The rows of each sequence where a block has left only those that the loss is of.
  private func sequences(of input: Tensor) -> [Range<Int>] {
    let count = input.shape.rows
    guard let trained, trained.count == count else {
      return count == rows.segments.count ? (0..<count).map { $0..<$0 + 1 } : [0..<count]
    }
    var result: [Range<Int>] = []
    var start = 0
    for segment in rows.segments {
      let end = trained[start...].firstIndex { Int($0) >= segment.upperBound } ?? count
      result.append(start..<end)
      start = end
    }
    return result
  }
}
