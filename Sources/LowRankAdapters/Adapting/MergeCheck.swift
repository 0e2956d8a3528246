import Foundation
import LowRankTensors
import LowRankTransformers

/// How far a merged model is from the adapter on its base, on given tokens.
public struct MergeCheck: Hashable, Sendable {
  /// The largest difference of two logits.
  public let largestDifference: Double
  /// The mean over tokens (over samples, of a classifier) of `KL(p ‖ q)` in nats, p being the adapter's prediction and q the merged model's.
  public let divergence: Double
  /// The tokens compared, or samples.
  public let tokens: Int

  /// Runs both on each sample and compares all logits.
  public init(_ merged: Model, _ adapter: Adapter, on samples: [[Int32]]) {
    let adapted = adapter.model
    var (largest, sum, tokens) = (0.0, 0.0, 0)
    for ids in samples where !ids.isEmpty {
      let logits = merged.logits(ids)
      let q = merged.engine.floats(logits)
      let p = adapted.engine.floats(adapted.logits(ids, adapters: adapter.selection))
      for token in 0..<logits.shape[0] {
        let row = token * logits.shape[1]..<(token + 1) * logits.shape[1]
        for (a, b) in zip(p[row], q[row]) {
          let difference = Double(abs(a - b))
          largest = difference.isNaN ? .infinity : max(largest, difference)
        }
        sum += logitDivergence(of: q[row], from: p[row])
      }
      tokens += logits.shape[0]
    }
    largestDifference = largest
    divergence = sum / Double(max(tokens, 1))
    self.tokens = tokens
  }
}
