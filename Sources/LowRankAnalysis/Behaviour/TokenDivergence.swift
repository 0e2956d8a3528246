import LowRankAdapters
import LowRankProgress
import LowRankTensors
import LowRankTraining
import LowRankTransformers

/// How far an adapter moves the prediction of one token: `KL(base ‖ adapted)` in nats over the vocabulary.
public struct TokenDivergence: Hashable, Sendable {
  /// The number of the example.
  public let example: Int
  /// The tokens before it.
  public let context: [Int32]
  /// The token that really follows.
  public let token: Int32
  /// KL(base ‖ adapted).
  public let divergence: Double
  /// ln p(token) of the base.
  public let before: Double
  /// ln p(token) with the adapter.
  public let after: Double

  /// The divergence at every trained token of the first examples of a set.
  public static func tokens(
    of set: ExampleSet, examples count: Int, base: Model, adapter: Adapter
  ) -> [TokenDivergence] {
    let work = Work("comparing predictions on \(set.source)", of: min(count, set.examples.count))
    defer { work.end() }
    return set.examples.indices.prefix(count).flatMap { index -> [TokenDivergence] in
      defer { work.advance() }
      let batch = Batch(set.examples, at: [index])
      guard !batch.labels.isEmpty else { return [] }
      let (p, q) = (
        logits(base, .none, batch), logits(adapter.model, adapter.selection, batch)
      )
      let width = base.architecture.vocabularySize
      return zip(batch.labelRows, batch.labels).map { row, label in
        let range = Int(row) * width..<(Int(row) + 1) * width
        return TokenDivergence(
          example: index, context: Array(batch.ids[...Int(row)]), token: label,
          divergence: logitDivergence(of: q[range], from: p[range]),
          before: logProbability(of: label, in: p[range]),
          after: logProbability(of: label, in: q[range]))
      }
    }
  }

  private static func logits(_ model: Model, _ adapters: AdapterSelection, _ batch: Batch)
    -> [Float]
  {
    let ids = model.engine.tensor(batch.ids, [batch.ids.count])
    return model.engine.floats(
      model.causal.logits(ids, model.pass(batch.rows, adapters: adapters)))
  }
}
