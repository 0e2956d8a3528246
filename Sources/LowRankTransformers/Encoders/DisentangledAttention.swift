import LowRankTensors

/// The rows of a table of relative positions that a batch reaches, normalised where the model does.
struct RelativeRows {
  /// `[rows, width]`.
  let rows: Tensor
  /// The row that stands for each distance, from that of the last token to the first on.
  let columns: [Int32]
}

/// Attention in which what a token says and where it stands are compared apart.
///
/// `score = (qᵢ·kⱼ + qᵢ·K(i−j) + kⱼ·Q(i−j)) / √(d · terms)`, with `K` and `Q` projections of relative positions. (He et
/// al., arXiv 2006.03654)
struct DisentangledAttention: SelfAttention {
  /// What makes queries, keys and values.
  private enum Projections: Sendable {
    /// One map, head by head a query, a key and a value, with biases added to queries and values.
    case fused(any LinearMap, queryBias: Parameter, valueBias: Parameter)
    /// A map each.
    case separate(query: any LinearMap, key: any LinearMap, value: any LinearMap)
  }

  private let path: String
  private let layer: Int
  private let configuration: DebertaConfiguration
  private var dropout: Float
  private var positionDropout: Float
  private var projections: Projections
  private var positionKey: (any LinearMap)?
  private var positionQuery: (any LinearMap)?

  init(
    _ path: String, layer: Int, _ c: DebertaConfiguration,
    _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let width = c.encoder.width
    func map(_ name: String, outputs: Int, bias: Bool = true) throws -> any LinearMap {
      try builder.linear("\(path).\(name)", inputs: width, outputs: outputs, bias: bias)
    }
    self.path = path
    self.layer = layer
    configuration = c
    dropout = c.encoder.attentionDropout
    positionDropout = c.encoder.dropout
    switch c.generation {
    case .first:
      projections = .fused(
        try map("in_proj", outputs: 3 * width, bias: false),
        queryBias: try builder.parameter("q_bias", [width], .bias, of: path),
        valueBias: try builder.parameter("v_bias", [width], .bias, of: path))
    case .second:
      projections = .separate(
        query: try map("query_proj", outputs: width), key: try map("key_proj", outputs: width),
        value: try map("value_proj", outputs: width))
    }
    guard c.relative != nil, !c.sharesProjections else { return }
    let isFirst = c.generation == .first
    if c.contentToPosition {
      positionKey = try map(isFirst ? "pos_proj" : "pos_key_proj", outputs: width, bias: !isFirst)
    }
    if c.positionToContent {
      positionQuery = try map(isFirst ? "pos_q_proj" : "pos_query_proj", outputs: width)
    }
  }

  func apply(
    _ x: Tensor, _ relative: RelativeRows?, _ choice: RowChoice?, _ pass: Pass
  ) -> Tensor {
    let (heads, size) = (configuration.encoder.heads, configuration.encoder.headSize)
    let (q, k, v) = projected(x, pass)
    let attend = AttentionCore(
      layer: layer, heads: heads, keyHeads: heads, headSize: size,
      scale: configuration.attentionScale, mask: .bidirectional, dropout: dropout, path: path)
    let mixed = attend(
      queries: .init(q), keys: .init(k), values: .init(v),
      relative: relative.map { scores(q, k, $0, pass) }, pass)
    // A row's place in its sequence enters its scores, so all rows ask.
    return choice.map { $0.taken(from: mixed, pass.compute) } ?? mixed
  }

  private func projected(_ x: Tensor, _ pass: Pass) -> (Tensor, Tensor, Tensor) {
    switch projections {
    case .separate(let query, let key, let value):
      return (query(x, pass), key(x, pass), value(x, pass))
    case .fused(let map, let queryBias, let valueBias):
      let (compute, size) = (pass.compute, configuration.encoder.headSize)
      let heads = compute.reshaped(
        map(x, pass), to: [x.shape.rows * configuration.encoder.heads, 3 * size])
      func part(_ index: Int) -> Tensor {
        compute.reshaped(
          compute.columns(index * size..<(index + 1) * size, of: heads),
          to: [x.shape.rows, map.outputs / 3])
      }
      return (
        compute.addingBias(pass.value(queryBias), to: part(0)), part(1),
        compute.addingBias(pass.value(valueBias), to: part(2))
      )
    }
  }

  /// The two terms in which positions enter the scores.
  private func scores(
    _ q: Tensor, _ k: Tensor, _ relative: RelativeRows, _ pass: Pass
  ) -> RelativeScores {
    let rows = pass.dropout(
      relative.rows, positionDropout, site: path + ".pos_dropout", isShared: true)
    let heads = configuration.encoder.heads
    var (keys, queries) = (positionKey, positionQuery)
    if configuration.sharesProjections, case .separate(let query, let key, _) = projections {
      keys = configuration.contentToPosition ? key : nil
      queries = configuration.positionToContent ? query : nil
    }
    return RelativeScores(
      contentToPosition: keys.map { pass.compute.headProduct(q, $0(rows, pass), heads: heads) },
      positionToContent: queries.map { pass.compute.headProduct(k, $0(rows, pass), heads: heads) },
      columnsOfQueries: relative.columns, columnsOfKeys: relative.columns)
  }

  mutating func setDropout(_ probability: Float) {
    dropout = probability
    positionDropout = probability
  }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    switch projections {
    case .fused(var map, let queryBias, let valueBias):
      try LowRankTransformers.visit(&map, .fusedAttention, visit)
      var biases = ModuleSlot.plain([queryBias, valueBias])
      try visit(Site(path, .loose), &biases)
      projections = .fused(map, queryBias: queryBias, valueBias: valueBias)
    case .separate(var query, var key, var value):
      try LowRankTransformers.visit(&query, .query, visit)
      try LowRankTransformers.visit(&key, .key, visit)
      try LowRankTransformers.visit(&value, .value, visit)
      projections = .separate(query: query, key: key, value: value)
    }
    try LowRankTransformers.visit(&positionKey, .positionProjection, visit)
    try LowRankTransformers.visit(&positionQuery, .positionProjection, visit)
  }
}
