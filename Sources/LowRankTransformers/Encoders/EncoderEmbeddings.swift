import LowRankTensors

/// The sum of the embeddings of tokens, positions and kinds of token, normalised.
struct EncoderEmbeddings: Sendable {
  private let path: String
  private(set) var tokens: any EmbeddingMap
  private var places: (any EmbeddingMap)?
  private var kinds: (any EmbeddingMap)?
  private var projection: (any LinearMap)?
  private let norm: NormLayer
  private let firstPosition: Int

  /// Tables under `path`, of `embeddingWidth` columns where that is not the width of the model.
  init(
    _ path: String, _ c: EncoderConfiguration, embeddingWidth: Int? = nil,
    hasPositions: Bool = true,
    _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let width = embeddingWidth ?? c.width
    func table(_ name: String, _ count: Int) throws -> any EmbeddingMap {
      try builder.embedding("\(path).\(name)", count: count, width: width)
    }
    self.path = path
    firstPosition = c.firstPosition
    tokens = try table("word_embeddings", c.vocabularySize)
    places = try hasPositions ? table("position_embeddings", c.positionRows) : nil
    kinds = try c.tokenTypeCount > 0 ? table("token_type_embeddings", c.tokenTypeCount) : nil
    projection =
      try width == c.width
      ? nil
      : builder.linear("\(path).embed_proj", inputs: width, outputs: c.width, bias: false)
    norm = try builder.norm(.layer, "\(path).LayerNorm", width: c.width, epsilon: c.epsilon)
  }

  func apply(_ ids: Tensor, _ dropout: Float, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    var x = tokens.rows(at: ids, pass)
    if let places {
      let rows = pass.rows.positions.map { $0 + Int32(firstPosition) }
      let positions =
        firstPosition == 0 ? pass.positions : compute.engine.tensor(rows, [rows.count])
      x = compute.sum(x, places.rows(at: positions, pass))
    }
    if let kinds { x = compute.sum(x, kinds.rows(at: pass.tokenTypeIDs, pass)) }
    if let projection { x = projection(x, pass) }
    return pass.dropout(norm(x, pass).output, dropout, site: path + ".dropout")
  }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&tokens, visit)
    try LowRankTransformers.visit(&places, visit)
    try LowRankTransformers.visit(&kinds, visit)
    try LowRankTransformers.visit(&projection, .embeddingProjection, visit)
    try norm.walk(visit)
  }
}
