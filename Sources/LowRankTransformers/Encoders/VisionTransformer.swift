import LowRankTensors

/// ViT and DeiT: an image as a sequence of patches, read by an encoder; DeiT has a second token, of its teacher.
///
/// Dosovitskiy et al., arXiv 2010.11929; Touvron et al. (DeiT), arXiv 2012.12877. The layout is transformers' `ViTModel`
/// and `DeiTModel`. Positions are trained, so an image has just the size of the configuration.
public struct VisionTransformer: Backbone {
  /// The families that share the layout, by `model_type`.
  public enum Family: String, Hashable, Sendable, CaseIterable {
    case vit
    case deit

    /// What the names of tensors begin with in the class for a task.
    var prefix: String { rawValue + "." }
    /// The tokens before the patches.
    var tokens: [String] { ["cls_token"] + (self == .deit ? ["distillation_token"] : []) }
  }

  /// The numbers of the configuration.
  public private(set) var configuration: VisionConfiguration
  private let kind: Family
  /// Whether both tokens of DeiT have a head, as transformers' class with a teacher has it.
  private let hasTeacher: Bool
  private let embeddings: PatchEmbeddings
  private var blocks: [VisionBlock]
  private let norm: NormLayer

  public var family: String { kind == .vit ? "ViT" : "DeiT" }
  public var classifierClassName: String {
    hasTeacher ? TeacherHead.className : family + "ForImageClassification"
  }
  public var imageInput: ImageInput? { embeddings.imageInput }
  public var vocabularySize: Int { embeddings.imageInput.places }
  public var positions: Int { embeddings.imageInput.places }
  public var positionLimit: Int? { positions }
  public var width: Int { configuration.width }
  public let asksFewInLastBlock = true
  public var tokenTable: any EmbeddingMap { embeddings.places }

  /// The encoder with its weights taken from a builder.
  ///
  /// - Parameter hasTeacher: whether the second token of DeiT has a head of its own beside the first one's.
  public init(
    _ configuration: VisionConfiguration, family: Family, hasTeacher: Bool = false,
    _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    self.configuration = configuration
    kind = family
    self.hasTeacher = hasTeacher && family == .deit
    embeddings = try PatchEmbeddings(
      family.prefix + "embeddings", configuration, tokens: family.tokens, &builder)
    blocks = try (0..<configuration.layers).map {
      try VisionBlock("\(family.prefix)layers.\($0)", layer: $0, configuration, &builder)
    }
    norm = try builder.norm(
      .layer, family.prefix + "layernorm", width: configuration.width,
      epsilon: configuration.epsilon)
  }

  public func classifierHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead {
    guard !hasTeacher else { return try TeacherHead(width: width, count: count, &builder) }
    return DenseHead(
      pooling: .first, savedModules: ["classifier"],
      output: try builder.linear("classifier", inputs: width, outputs: count, bias: true))
  }

  /// The hidden states of the patches of a pass; `ids` are the places of the rows in their images.
  public func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor {
    var stream = ResidualStream(embeddings.apply(ids, configuration.dropout, pass))
    let choice = rows.flatMap { RowChoice($0, of: pass.rows, pass.compute.engine) }
    for (index, block) in blocks.enumerated() {
      let chosen = index == blocks.count - 1 ? choice : nil
      pass.block(&stream) { block.apply(to: &$0, chosen, $1) }
    }
    let hidden = stream.normalized(by: norm, pass)
    return choice == nil ? pass.taking(rows, from: hidden) : hidden
  }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try embeddings.walk(visit)
    for index in blocks.indices { try blocks[index].walk(visit) }
    try norm.walk(visit)
  }

  public mutating func setDropout(_ probability: Float) {
    configuration.setDropout(probability)
    for index in blocks.indices { blocks[index].setDropout(probability) }
  }
}
