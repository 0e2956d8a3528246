import Foundation
import LowRank

/// Natural logarithms of probabilities in one row of logits, before penalties and temperature.
public struct LogProbabilities: Hashable, Sendable {
  /// A token with the logarithm of its probability.
  public struct Entry: Hashable, Sendable {
    /// The token.
    public let token: Int32
    /// The natural logarithm of its probability.
    public let value: Double
  }

  /// The token that was added, or stands in the prompt.
  public let chosen: Entry
  /// The likeliest tokens, the likeliest first; of equal ones the one of lowest number comes first.
  public let top: [Entry]

  /// The logarithms for a token and for the likeliest ones.
  init(_ logits: UnsafeBufferPointer<Float>, chosen token: Int32, top count: Int) {
    let largest = Double(logits[LogitRow(logits).greatest])
    var sum = 0.0
    for index in logits.indices { sum += exp(Double(logits[index]) - largest) }
    let normalizer = largest + log(sum)
    chosen = Entry(token: token, value: Double(logits[Int(token)]) - normalizer)
    top = Self.greatest(count, logits).map {
      Entry(token: Int32($0), value: Double(logits[$0]) - normalizer)
    }
  }

  private static func greatest(_ count: Int, _ logits: UnsafeBufferPointer<Float>) -> [Int] {
    var best: [Int] = []
    for index in logits.indices {
      let logit = logits[index]
      if best.count == count {
        guard let last = best.last, logit > logits[last] else { continue }
        best.removeLast()
      }
      var place = best.count
      while place > 0, logits[best[place - 1]] < logit { place -= 1 }
      if best.count < count { best.insert(index, at: place) }
    }
    return best
  }
}
