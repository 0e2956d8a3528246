import LowRankCheckpoints
import LowRankTensors

/// Llama and its family: rotary positions, RMS norms, grouped queries, a gated feed-forward network.
///
/// Touvron et al., arXiv 2307.09288; Jiang et al. (Mistral), arXiv 2310.06825; Qwen2, arXiv 2407.10671;
/// Qwen3, arXiv 2505.09388. The layout is transformers' `LlamaForCausalLM`.
public struct Llama: CausalArchitecture {
  /// The numbers of the configuration.
  public private(set) var configuration: LlamaConfiguration
  public private(set) var head: any LinearMap
  private var tokens: any EmbeddingMap
  private var blocks: [LlamaBlock]
  private let norm: NormLayer
  private let rotary: RotaryEmbedding

  public var className: String {
    switch configuration.family {
    case .llama: "LlamaForCausalLM"
    case .mistral: "MistralForCausalLM"
    case .qwen2: "Qwen2ForCausalLM"
    case .qwen3: "Qwen3ForCausalLM"
    }
  }
  public var vocabularySize: Int { configuration.vocabularySize }
  public var positions: Int { configuration.positions }
  public var width: Int { configuration.width }

  /// The model with its weights taken from a builder.
  public init(
    _ configuration: LlamaConfiguration, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let c = configuration
    self.configuration = c
    tokens = try builder.embedding("model.embed_tokens", count: c.vocabularySize, width: c.width)
    blocks = try (0..<c.layers).map { try LlamaBlock(c, layer: $0, &builder) }
    norm = try builder.norm(.rootMeanSquare, "model.norm", width: c.width, epsilon: c.epsilon)
    head = try builder.head("lm_head", tiedTo: tokens, isTied: c.tiesHead)
    rotary = RotaryEmbedding(c.rotary, headSize: c.headSize)
  }

  public func hidden(_ ids: Tensor, _ pass: Pass) -> Tensor {
    var stream = ResidualStream(tokens.rows(at: ids, pass))
    let table = rotary.table(for: pass)
    for block in blocks { block.apply(to: &stream, configuration, table, pass) }
    return stream.normalized(by: norm, pass)
  }

  public mutating func walk(_ visit: (Site, inout Place) throws -> Void) rethrows {
    try LowRankTransformers.visit(&tokens, visit)
    for index in blocks.indices { try blocks[index].walk(visit) }
    try norm.walk(visit)
    try LowRankTransformers.visit(&head, .head, visit)
  }

  public mutating func setDropout(_ probability: Float) {
    configuration.attentionDropout = probability
  }
}
