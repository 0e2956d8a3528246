import LowRankTensors

/// Scaled dot-product attention between projections, with the pass's segments and cache.
struct AttentionCore: Sendable {
  let layer: Int
  let heads: Int
  let keyHeads: Int
  let headSize: Int
  let scale: Float
  let mask: AttentionProblem.Mask
  /// The base's own dropout of attention weights.
  let dropout: Float
  /// The path of the attention module, which keys its random numbers.
  let path: String

  func callAsFunction(
    queries: AttentionProblem.Columns, keys: AttentionProblem.Columns,
    values: AttentionProblem.Columns, segments chosen: [Segment]? = nil,
    relative: RelativeScores? = nil, _ pass: Pass
  ) -> Tensor {
    var keys = keys
    var values = values
    var segments = chosen ?? pass.rows.fresh
    if let use = pass.cache {
      let engine = pass.compute.engine
      let (k, v) = use.cache.extend(
        layer: layer, keys: keys.contiguous(engine), values: values.contiguous(engine),
        at: use.slots)
      (keys, values) = (.init(k), .init(v))
      segments = use.segments
    }
    let dropped = pass.random.flatMap { random in
      dropout > 0
        ? AttentionProblem.Dropout(
          dropout, key: random.key(for: path),
          firstQuery: chosen == nil ? random.rowsBefore : random.sequencesBefore,
          firstKey: random.rowsBefore) : nil
    }
    return pass.compute.attention(
      AttentionProblem(
        queries: queries, keys: keys, values: values, heads: heads, keyHeads: keyHeads,
        headSize: headSize, scale: scale, mask: mask, segments: segments,
        dropout: dropped, relative: relative))
  }
}

extension AttentionProblem.Columns {
  fileprivate func contiguous(_ engine: any Engine) -> Tensor {
    range == 0..<tensor.shape.columns ? tensor : engine.columns(range, of: tensor)
  }
}
