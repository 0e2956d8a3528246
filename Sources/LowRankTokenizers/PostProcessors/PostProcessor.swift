/// A stage that completes an encoding: tokens around it, trimmed offsets.
protocol PostProcessor: Sendable {
  func apply(to encoding: inout Encoding, of text: [UInt8], _ context: PostProcessing)
}

/// What post-processors need to know beside the encoding.
struct PostProcessing {
  var addsSpecialTokens: Bool
  /// The bytes of a token that the model made; none of an added token.
  var modelToken: (Int32) -> [UInt8]?
}

/// Several stages, one after the other.
struct PostProcessorSequence: PostProcessor {
  let stages: [any PostProcessor]

  func apply(to encoding: inout Encoding, of text: [UInt8], _ context: PostProcessing) {
    for stage in stages { stage.apply(to: &encoding, of: text, context) }
  }
}
