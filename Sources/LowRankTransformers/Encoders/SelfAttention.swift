import LowRankTensors

/// What mixes the rows of a sequence, before the map that leads out of it.
protocol SelfAttention: Sendable {
  /// The mixed values of `[rows, width]`: of all rows, or of those that `choice` names.
  ///
  /// - Parameter relative: relative positions, for attention that knows them.
  func apply(_ x: Tensor, _ relative: RelativeRows?, _ choice: RowChoice?, _ pass: Pass) -> Tensor
  /// Multiplies the dropout of its weights.
  mutating func setDropout(_ probability: Float)
  /// Hands out its maps.
  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows
}

/// The rows that are wanted behind the last attention, at most one of each sequence.
struct RowChoice {
  /// Their numbers.
  let rows: Tensor
  /// Those of each sequence with what they see.
  let segments: [Segment]

  /// The given rows of a batch; nil where the choice cannot be made before the attention, for it takes as many rows of
  /// each sequence, in order.
  init?(_ rows: [Int32], of packed: PackedRows, _ engine: any Engine) {
    let each = rows.count / max(1, packed.segments.count)
    guard each > 0, rows.count == each * packed.segments.count,
      rows.indices.allSatisfy({ packed.segments[$0 / each].contains(Int(rows[$0])) })
    else { return nil }
    self.rows = engine.tensor(rows, [rows.count])
    segments = packed.segments.enumerated().map {
      Segment(queries: $0 * each..<($0 + 1) * each, keys: $1)
    }
  }

  /// The chosen rows of a tensor.
  func taken(from x: Tensor, _ compute: Computation) -> Tensor {
    compute.rows(of: x, at: rows, type: x.type)
  }
}

/// Attention between separate projections, as in BERT: every row sees its whole sequence.
struct SeparateAttention: SelfAttention {
  private let path: String
  private let layer: Int
  private let heads: Int
  private var dropout: Float
  private var query: any LinearMap
  private var key: any LinearMap
  private var value: any LinearMap

  /// Projections `names` under `path`.
  init(
    _ path: String, layer: Int, names: (query: String, key: String, value: String),
    _ c: EncoderConfiguration, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    func map(_ name: String) throws -> any LinearMap {
      try builder.linear("\(path).\(name)", inputs: c.width, outputs: c.width, bias: true)
    }
    self.path = path
    self.layer = layer
    heads = c.heads
    dropout = c.attentionDropout
    query = try map(names.query)
    key = try map(names.key)
    value = try map(names.value)
  }

  func apply(
    _ x: Tensor, _ relative: RelativeRows?, _ choice: RowChoice?, _ pass: Pass
  ) -> Tensor {
    let size = query.outputs / heads
    let attend = AttentionCore(
      layer: layer, heads: heads, keyHeads: heads, headSize: size,
      scale: 1 / Float(size).squareRoot(), mask: .bidirectional,
      dropout: dropout, path: path)
    let asking = choice.map { $0.taken(from: x, pass.compute) } ?? x
    return attend(
      queries: .init(query(asking, pass)), keys: .init(key(x, pass)),
      values: .init(value(x, pass)), segments: choice?.segments, pass)
  }

  mutating func setDropout(_ probability: Float) { dropout = probability }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&query, .query, visit)
    try LowRankTransformers.visit(&key, .key, visit)
    try LowRankTransformers.visit(&value, .value, visit)
  }
}
