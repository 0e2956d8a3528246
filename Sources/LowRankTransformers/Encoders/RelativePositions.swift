import Foundation
import LowRankTensors

/// How DeBERTa counts the distance between two tokens, and which row of its table stands for it.
///
/// Distances up to half the buckets are told apart; farther ones share buckets that grow with their logarithm. With `b`
/// the number of buckets, `m = b / 2` and `L` the greatest distance, `δ` becomes
/// `sign(δ) · (m + ⌈ log(|δ| / m) / log((L − 1) / m) · (m − 1) ⌉)` where `|δ| > m`. (He et al., arXiv 2006.03654, 2111.09543)
struct RelativePositions: Hashable, Sendable {
  /// `max_relative_positions`, or the rows of positions.
  let longest: Int
  /// `position_buckets`; nil where every distance has a row of its own.
  let buckets: Int?

  /// Half the rows of the table.
  var span: Int { buckets ?? longest }

  /// The row of the table for a distance from a key to a query.
  func row(of distance: Int) -> Int { min(max(bucket(distance) + span, 0), 2 * span - 1) }

  private func bucket(_ distance: Int) -> Int {
    guard let buckets else { return distance }
    let middle = buckets / 2
    guard abs(distance) > middle else { return distance }
    // In single precision, as the model was trained.
    let share =
      Foundation.log(Float(abs(distance)) / Float(middle))
      / Foundation.log(Float(longest - 1) / Float(middle))
    let far = (share * Float(middle - 1)).rounded(.up) + Float(middle)
    return distance < 0 ? -Int(far) : Int(far)
  }

  /// The rows that sequences of up to `length` tokens reach, and for each distance from `1 − length` to `length − 1`
  /// which of them stands for it.
  func reached(by length: Int) -> (rows: Range<Int>, columns: [Int32]) {
    let all = (1 - length...length - 1).map(row)
    let first = all.min() ?? 0
    return (first..<(all.max() ?? 0) + 1, all.map { Int32($0 - first) })
  }
}
