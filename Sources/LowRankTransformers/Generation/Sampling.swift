import Foundation
import LowRankTensors

/// How the next token is chosen from its logits.
public struct Sampling: Hashable, Sendable {
  /// What logits are divided by; 0 takes the greatest.
  public var temperature: Float
  /// How many of the likeliest tokens are kept; all where nil.
  public var topK: Int?
  /// The likeliest tokens are kept until their probabilities add up to this.
  public var topP: Float

  /// A rule; greedy by default.
  public init(temperature: Float = 0, topK: Int? = nil, topP: Float = 1) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }

  /// The token of greatest logit.
  public static let greedy = Sampling()

  /// Chooses a token; of equal logits the one of lowest number comes first.
  package func token(from logits: UnsafeBufferPointer<Float>, _ random: inout Philox) -> Int32 {
    guard temperature > 0 else { return Int32(LogitRow(logits).greatest) }
    var order = Array(logits.indices)
    if topK != nil || topP < 1 {
      order.sort { (-logits[$0], $0) < (-logits[$1], $1) }
      if let topK { order.removeLast(max(0, order.count - topK)) }
    }
    let greatest = order.reduce(-Float.infinity) { max($0, logits[$1]) }
    var weights = order.map { exp((logits[$0] - greatest) / temperature) }
    if topP < 1 {
      let total = weights.reduce(0, +)
      var sum: Float = 0
      let kept = weights.firstIndex { weight in
        sum += weight
        return sum >= topP * total
      }
      if let kept { weights.removeLast(weights.count - kept - 1) }
    }
    var rest = random.uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return Int32(order[index]) }
    }
    return Int32(order[weights.count - 1])
  }
}
