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
  private let needsInputs: Bool
  /// The map whose inputs were added last, and which they were.
  private var latest: (input: UInt64, sums: SiteSums)?
  private var converted: (input: UInt64, sums: Tensor)?

  init(_ sums: [SiteSums], _ needs: StartNeeds) {
    (isFolded, needsInputs) = (needs.folds > 1, needs.inputs != nil)
    self.sums = Dictionary(uniqueKeysWithValues: sums.map { ($0.site.path, $0) })
  }

  /// Says which rows are seen next.
  func begin(_ rows: PackedRows, of sources: [Int], trained: [Int32]?) {
    (latest, converted) = (nil, nil)
    (self.rows, self.sources, self.trained) = (rows, sources, trained)
  }

  func observe(_ path: String, input: Tensor, on engine: any Engine) {
    guard let sums = sums[path], needsInputs else { return }
    if let latest, latest.input == input.id, sums.shareInputs(of: latest.sums) { return }
    latest = (input.id, sums)
    let isWhole = input.shape.rows == rows.count
    let counted = isWhole ? trained : nil
    let sequences = isWhole ? rows.segments : sequences(of: input)
    var examples: [Int] = []
    if isFolded {
      var place = 0
      examples = (counted ?? (0..<Int32(input.shape.rows)).map { $0 }).map { row in
        while place + 1 < sequences.count, Int(row) >= sequences[place].upperBound { place += 1 }
        return place < sources.count ? sources[place] : 0
      }
    }
    sums.add(
      inputs: summable(input, on: engine), trained: counted, sequences: sequences, of: examples)
  }

  func observe(_ path: String, input: Tensor, outputGradient: Tensor, on engine: any Engine) {
    sums[path]?.add(
      outputGradients: engine.summable(outputGradient), inputs: summable(input, on: engine))
  }

  /// The inputs in the type that is added up; the latest are kept, since several maps may be given them.
  private func summable(_ input: Tensor, on engine: any Engine) -> Tensor {
    if let converted, converted.input == input.id { return converted.sums }
    let result = engine.summable(input)
    converted = result.id == input.id ? nil : (input.id, result)
    return result
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
