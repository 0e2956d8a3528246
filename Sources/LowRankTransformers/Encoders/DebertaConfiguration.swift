import Foundation
import LowRankCheckpoints
import LowRankTensors

/// The numbers of a DeBERTa `config.json`, of either generation.
public struct DebertaConfiguration: Hashable, Sendable {
  /// Which generation: the second has separate projections and buckets of distances.
  public enum Generation: String, Hashable, Sendable, CaseIterable {
    case first = "deberta"
    case second = "deberta-v2"
  }

  /// What every descendant of BERT has.
  public var encoder: EncoderConfiguration
  /// The generation.
  public let generation: Generation
  /// `embedding_size`.
  public let embeddingWidth: Int
  /// `position_biased_input`: whether absolute positions are added to embeddings.
  public let addsPositions: Bool
  /// Whether queries look at positions, `c2p` in `pos_att_type`.
  public let contentToPosition: Bool
  /// Whether positions look at keys, `p2c` in `pos_att_type`.
  public let positionToContent: Bool
  /// What the number of terms of a score adds to its scale.
  let scoreTerms: Int
  /// Distances, where attention knows them.
  let relative: RelativePositions?
  /// `share_att_key`: whether positions go through the projections of queries and keys.
  public let sharesProjections: Bool
  /// Whether `norm_rel_ebd` normalises the rows of relative positions.
  public let normalizesPositions: Bool
  /// `conv_kernel_size`; 0 where there is no convolution.
  public let kernelSize: Int
  /// `conv_act`.
  public let convolutionActivation: Activation
  /// `pooler_hidden_act`.
  public let poolerActivation: Activation
  /// `pooler_dropout`.
  public internal(set) var poolerDropout: Float

  /// Reads a configuration; absent keys have transformers' defaults.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that makes no sense.
  public init(_ config: some JSONFields, generation: Generation) throws {
    let isSecond = generation == .second
    var encoder = try EncoderConfiguration(config, epsilon: 1e-7)
    encoder.tokenTypeCount = try config.integer("type_vocab_size", default: 0)
    encoder.classifierDropout =
      try config.optionalDouble("cls_dropout").map(Float.init) ?? encoder.dropout
    self.encoder = encoder
    self.generation = generation
    embeddingWidth = try config.positive("embedding_size", default: encoder.width)
    addsPositions = try config.bool("position_biased_input", default: true)
    let terms: [String] =
      if let text = config["pos_att_type"]?.string {
        text.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
      } else { try config.optionalStrings("pos_att_type") ?? [] }
    contentToPosition = terms.contains("c2p")
    positionToContent = terms.contains("p2c")
    scoreTerms =
      1
      + (isSecond ? (contentToPosition ? 1 : 0) + (positionToContent ? 1 : 0) : terms.count)
    if try config.bool("relative_attention", default: false) {
      let given = try config.integer("max_relative_positions", default: -1)
      let buckets = isSecond ? try config.integer("position_buckets", default: -1) : -1
      relative = RelativePositions(
        longest: given < 1 ? encoder.positionRows : given, buckets: buckets > 0 ? buckets : nil)
    } else {
      relative = nil
    }
    sharesProjections = isSecond ? try config.bool("share_att_key", default: false) : false
    let norms = isSecond ? try config.string("norm_rel_ebd", default: "none") : "none"
    normalizesPositions = norms.lowercased().split(separator: "|")
      .contains { $0.trimmingCharacters(in: .whitespaces) == "layer_norm" }
    kernelSize = isSecond ? try config.integer("conv_kernel_size", default: 0) : 0
    convolutionActivation = try config.activation("conv_act", default: "tanh")
    poolerActivation = try config.activation("pooler_hidden_act", default: "gelu")
    poolerDropout = Float(try config.double("pooler_dropout", default: 0))
    try check(config)
  }

  private func check(_ config: some JSONFields) throws {
    let talks = try config.bool("talking_head", default: false)
    try config.check(!talks, "talking_head", "true", "false")
    try config.check(
      kernelSize <= 0 || !kernelSize.isMultiple(of: 2), "conv_kernel_size", "\(kernelSize)",
      "an odd number, or 0")
    let groups = try config.integer("conv_groups", default: 1)
    try config.check(groups == 1, "conv_groups", "\(groups)", "1")
    let headSize = try config.integer("attention_head_size", default: encoder.headSize)
    try config.check(
      headSize == encoder.headSize, "attention_head_size", "\(headSize)",
      "hidden_size / num_attention_heads, \(encoder.headSize)")
    let pooler = try config.integer("pooler_hidden_size", default: encoder.width)
    try config.check(
      pooler == encoder.width, "pooler_hidden_size", "\(pooler)", "hidden_size, \(encoder.width)")
    guard let relative else { return }
    try config.check(
      relative.longest <= 1 << 20, "max_relative_positions", "\(relative.longest)",
      "a number of at most \(1 << 20)")
    guard let buckets = relative.buckets else { return }
    try config.check(
      buckets > 1 && buckets / 2 < relative.longest - 1, "position_buckets", "\(buckets)",
      "at least 2, and fewer than there are distances")
  }

  /// What scores are multiplied by, `1 / √(head size · terms)`.
  var attentionScale: Float { 1 / Float(encoder.headSize * scoreTerms).squareRoot() }
}
