import LowRankCheckpoints
import LowRankTensors

/// The numbers of a `config.json` of ViT or DeiT.
public struct VisionConfiguration: Hashable, Sendable {
  /// `image_size` and `patch_size`, each one number or height and width.
  public let imageWidth, imageHeight, patchWidth, patchHeight: Int
  /// `hidden_size`.
  public let width: Int
  /// `num_hidden_layers`.
  public let layers: Int
  /// `num_attention_heads`.
  public let heads: Int
  /// `intermediate_size`.
  public let feedForwardWidth: Int
  /// `hidden_act`.
  public let activation: Activation
  /// `layer_norm_eps`.
  public let epsilon: Float
  /// `qkv_bias`: whether queries, keys and values have biases.
  public let hasAttentionBias: Bool
  /// `hidden_dropout_prob`.
  public var dropout: Float
  /// `attention_probs_dropout_prob`.
  public var attentionDropout: Float

  /// Reads the keys; absent ones have transformers' defaults.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that makes no sense.
  public init(_ config: some JSONFields) throws {
    (imageHeight, imageWidth) = try config.extents("image_size", default: 224)
    (patchHeight, patchWidth) = try config.extents("patch_size", default: 16)
    width = try config.positive("hidden_size", default: 768)
    layers = try config.positive("num_hidden_layers", default: 12, atMost: 10_000)
    heads = try config.positive("num_attention_heads", default: 12)
    feedForwardWidth = try config.positive("intermediate_size", default: 3072)
    activation = try config.activation("hidden_act", default: "gelu")
    epsilon = Float(try config.double("layer_norm_eps", default: 1e-12))
    hasAttentionBias = try config.bool("qkv_bias", default: true)
    dropout = Float(try config.double("hidden_dropout_prob", default: 0))
    attentionDropout = Float(try config.double("attention_probs_dropout_prob", default: 0))
    try config.check(
      width.isMultiple(of: heads), "hidden_size", "\(width)",
      "a multiple of num_attention_heads, \(heads)")
    let channels = try config.positive("num_channels", default: 3)
    try config.check(
      channels == 3, "num_channels", "\(channels)", "3: images are read as red, green and blue")
    try config.check(
      imageWidth.isMultiple(of: patchWidth) && imageHeight.isMultiple(of: patchHeight),
      "image_size", "\(imageHeight) × \(imageWidth)",
      "a multiple of patch_size, \(patchHeight) × \(patchWidth)")
  }

  /// Multiplies every dropout.
  mutating func setDropout(_ probability: Float) {
    (dropout, attentionDropout) = (probability, probability)
  }
}

extension JSONFields {
  /// Height and width, which one number gives if they are alike.
  fileprivate func extents(
    _ key: String, default fallback: Int
  ) throws -> (height: Int, width: Int) {
    let most = 1 << 14
    guard self[key]?.array != nil else {
      let size = try positive(key, default: fallback, atMost: most)
      return (size, size)
    }
    let pair = try optionalIntegers(key) ?? []
    try check(
      pair.count == 2 && pair.allSatisfy { (1...most).contains($0) }, key,
      "[\(pair.map(String.init).joined(separator: ", "))]",
      "a height and a width from 1 to \(most)")
    return (pair[0], pair[1])
  }
}
