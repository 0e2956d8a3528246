import LowRankCheckpoints

/// How many tokens the rows of a file have.
public struct LengthStatistics: Hashable, Sendable {
  /// The lengths in ascending order.
  private let lengths: [Int]

  /// Of some rows, in any order.
  public init(_ lengths: [Int]) { self.lengths = lengths.sorted() }

  /// The least length that at least this share of the rows does not exceed; 0 without rows.
  public func percentile(_ share: Double) -> Int {
    guard !lengths.isEmpty else { return 0 }
    let rank = (share * Double(lengths.count)).rounded(.up)
    return lengths[min(lengths.count, max(1, Int(rank))) - 1]
  }

  /// The shortest row.
  public var least: Int { lengths.first ?? 0 }
  /// The longest row.
  public var greatest: Int { lengths.last ?? 0 }
  /// The mean length.
  public var mean: Double {
    lengths.isEmpty ? 0 : Double(lengths.reduce(0, +)) / Double(lengths.count)
  }

  /// At most twelve ranges of lengths of the same round width, and how many rows are in each.
  public var histogram: [(lengths: Range<Int>, rows: Int)] {
    guard !lengths.isEmpty else { return [] }
    let width = Self.roundWidth(atLeast: Double(greatest - least + 1) / 10)
    let start = least / width * width
    var bins = [Int](repeating: 0, count: (greatest - start) / width + 1)
    for length in lengths { bins[(length - start) / width] += 1 }
    return bins.enumerated().map { index, rows in
      (start + index * width..<start + (index + 1) * width, rows)
    }
  }

  /// The least of 1, 2, 5, 10, 20, 50 and so on that is not below a number.
  private static func roundWidth(atLeast least: Double) -> Int {
    var power = 1
    while true {
      for factor in [1, 2, 5] where Double(factor * power) >= least { return factor * power }
      power *= 10
    }
  }

  /// The numbers as JSON.
  public var json: JSONObject {
    [
      "min": .integer(least), "mean": .double(mean), "p50": .integer(percentile(0.5)),
      "p90": .integer(percentile(0.9)), "p95": .integer(percentile(0.95)),
      "p99": .integer(percentile(0.99)), "max": .integer(greatest),
      "histogram": .array(
        histogram.map { bin in
          [
            "from": .integer(bin.lengths.lowerBound), "below": .integer(bin.lengths.upperBound),
            "rows": .integer(bin.rows),
          ]
        }),
    ]
  }
}
