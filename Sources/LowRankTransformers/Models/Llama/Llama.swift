import LowRankCheckpoints
import LowRankTensors

/// Llama and its family: rotary positions, RMS norms, grouped queries, a gated feed-forward network.
///
/// Touvron et al., arXiv 2307.09288; Jiang et al. (Mistral), arXiv 2310.06825; Qwen2, arXiv 2407.10671;
/// Qwen3, arXiv 2505.09388; SmolLM3. The layout is transformers' `LlamaForCausalLM`.
public struct Llama: Backbone {
  /// The numbers of the configuration.
  public private(set) var configuration: LlamaConfiguration
  private var tokens: any EmbeddingMap
  private var blocks: [LlamaBlock]
  private let norm: NormLayer
  private let rotary: RotaryEmbedding

  public var family: String {
    switch configuration.family {
    case .llama: "Llama"
    case .mistral: "Mistral"
    case .qwen2: "Qwen2"
    case .qwen3: "Qwen3"
    case .smollm3: "SmolLM3"
    }
  }
  public var causalClassName: String? { family + "ForCausalLM" }
  public var vocabularySize: Int { tokens.weight.shape[0] }
  public var positions: Int { configuration.positions }
  public var width: Int { configuration.width }
  public var tiesHead: Bool { configuration.tiesHead }
  public var tokenTable: any EmbeddingMap { tokens }

  /// The model with its weights taken from a builder.
  public init(
    _ configuration: LlamaConfiguration, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let c = configuration
    self.configuration = c
    tokens = try builder.embedding("model.embed_tokens", count: c.vocabularySize, width: c.width)
    blocks = try (0..<c.layers).map { try LlamaBlock(c, layer: $0, &builder) }
    norm = try builder.norm(.rootMeanSquare, "model.norm", width: c.width, epsilon: c.epsilon)
    rotary = RotaryEmbedding(c.rotary, headSize: c.headSize)
  }

  public func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor {
    var stream = ResidualStream(tokens.rows(at: ids, pass))
    let table = rotary.table(for: pass)
    for block in blocks {
      pass.block(&stream) { [configuration] in block.apply(to: &$0, configuration, table, $1) }
    }
    return pass.taking(rows, from: stream.normalized(by: norm, pass))
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
