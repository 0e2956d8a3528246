import LowRankProgress
import LowRankTensors
import LowRankTransformers

extension Model {
  /// The model with an adapter worked into its weights: `W' = W + ΔW`, worked out in f32 and stored as W was, or in F32 where
  /// W was packed.
  ///
  /// The model itself keeps its weights, so going back is to go on using it. Where the head is tied to the embeddings and
  /// the adapter changes one of them, the merged model's head is untied, which its configuration and ``notes`` say.
  ///
  /// - Throws: `AdapterError.notFinite` where a merged weight would hold a number that is not finite.
  public func merging(_ adapter: Adapter) throws -> Model {
    let weights = MergedWeights(adapter, on: self)
    var merged = weights.base
    let work = Work("merging", of: weights.changed.count, .modules)
    defer { work.end() }
    for parameter in weights.changed {
      merged.store[parameter] = engine.converted(
        try weights.value(of: parameter), to: merged.store[parameter].type.unpacked)
      work.advance()
    }
    return merged
  }
}
