import LowRankTensors

/// Gemma 3, text only: scaled embeddings, norms before and after each part, norms on queries and keys, and layers with a
/// sliding window between layers that see all earlier rows.
///
/// Gemma Team, arXiv 2503.19786. The layout is transformers' `Gemma3ForCausalLM`.
public struct Gemma3: Backbone {
  /// The numbers of the configuration.
  public private(set) var configuration: Gemma3Configuration
  private var tokens: any EmbeddingMap
  private var blocks: [Gemma3Block]
  private let norm: NormLayer
  private let globalRotary: RotaryEmbedding
  private let localRotary: RotaryEmbedding

  public let family = "Gemma3Text"
  public let causalClassName: String? = "Gemma3ForCausalLM"
  public var vocabularySize: Int { tokens.weight.shape[0] }
  public var positions: Int { configuration.positions }
  public var width: Int { configuration.width }
  public var tiesHead: Bool { configuration.tiesHead }
  public var tokenTable: any EmbeddingMap { tokens }

  /// The model with its weights taken from a builder.
  public init(
    _ configuration: Gemma3Configuration, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let c = configuration
    self.configuration = c
    tokens = try builder.embedding("model.embed_tokens", count: c.vocabularySize, width: c.width)
    blocks = try c.masks.indices.map { try Gemma3Block(c, layer: $0, &builder) }
    norm = try builder.norm(
      .rootMeanSquarePlusOne, "model.norm", width: c.width, epsilon: c.epsilon)
    globalRotary = RotaryEmbedding(c.globalRotary, headSize: c.headSize)
    localRotary = RotaryEmbedding(c.localRotary, headSize: c.headSize)
  }

  public func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor {
    var stream = ResidualStream(
      pass.compute.scaled(tokens.rows(at: ids, pass), by: embeddingScale(pass)))
    let (global, local) = (globalRotary.table(for: pass), localRotary.table(for: pass))
    for block in blocks {
      let table = block.isGlobal ? global : local
      pass.block(&stream) { [configuration] in block.apply(to: &$0, configuration, table, $1) }
    }
    return pass.taking(rows, from: stream.normalized(by: norm, pass))
  }

  /// `√width`, rounded to the type of the weights as transformers does.
  private func embeddingScale(_ pass: Pass) -> Float {
    let scale = Float(configuration.width).squareRoot()
    guard pass.compute.type == .bfloat16 else { return scale }
    let engine = pass.compute.engine
    return engine.floats(engine.tensor([scale], [1], type: .bfloat16))[0]
  }

  public func classifierHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead { try lastRowHead(count: count, &builder) }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&tokens, visit)
    for index in blocks.indices { try blocks[index].walk(visit) }
    try norm.walk(visit)
  }

  public mutating func setDropout(_ probability: Float) {
    configuration.attentionDropout = probability
  }
}
