import Foundation
import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// How far a merged model is from the adapter on its base, on given tokens.
public struct MergeCheck: Hashable, Sendable {
  /// The largest difference of two logits.
  public let largestDifference: Double
  /// The mean over tokens (over samples, of a classifier) of `KL(p ‖ q)` in nats, p being the adapter's prediction and q the merged model's.
  public let divergence: Double
  /// The same with q the base's: what the adapter does to these samples, and what a merge that lost it would measure.
  public let effect: Double
  /// The largest logit, without its sign.
  public let largestLogit: Double
  /// The tokens compared, or samples.
  public let tokens: Int

  /// Runs both, and the base, on each sample and compares all logits; a model of images is shown random ones.
  public init(_ merged: Model, _ adapter: Adapter, on samples: [[Int32]]) {
    let adapted = adapter.model
    var (difference, logit, divergence, effect, tokens) = (0.0, 0.0, 0.0, 0.0, 0)
    let work = Work("comparing with base and adapter", of: samples.count, .samples)
    defer { work.end() }
    let input = merged.architecture.backbone.imageInput
    for (number, ids) in samples.enumerated() where !ids.isEmpty {
      let patches = input?.randomRows(seed: UInt64(number))
      let logits = merged.logits(ids, patches: patches)
      let q = merged.engine.floats(logits)
      let p = adapted.engine.floats(
        adapted.logits(ids, patches: patches, adapters: adapter.selection))
      let base = adapted.engine.floats(adapted.logits(ids, patches: patches))
      for token in 0..<logits.shape[0] {
        let row = token * logits.shape[1]..<(token + 1) * logits.shape[1]
        for (a, b) in zip(p[row], q[row]) {
          let distance = Double(abs(a - b))
          difference = distance.isNaN ? .infinity : max(difference, distance)
          logit = max(logit, Double(abs(a)))
        }
        divergence += logitDivergence(of: q[row], from: p[row])
        effect += logitDivergence(of: base[row], from: p[row])
      }
      tokens += logits.shape[0]
      work.advance()
    }
    (largestDifference, largestLogit, self.tokens) = (difference, logit, tokens)
    self.divergence = divergence / Double(max(tokens, 1))
    self.effect = effect / Double(max(tokens, 1))
  }
}
