/// A stage that completes the encoding of a text or of each of two: tokens around it, trimmed
/// offsets.
protocol PostProcessor: Sendable {
  func apply(to encodings: inout [Encoding], of texts: [[UInt8]], _ context: PostProcessing)

  /// How many special tokens a text or a pair of texts gets.
  func addedCount(texts: Int) -> Int
}

extension PostProcessor {
  func addedCount(texts: Int) -> Int { 0 }
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

  func apply(to encodings: inout [Encoding], of texts: [[UInt8]], _ context: PostProcessing) {
    for stage in stages { stage.apply(to: &encodings, of: texts, context) }
  }

  func addedCount(texts: Int) -> Int {
    stages.reduce(0) { $0 + $1.addedCount(texts: texts) }
  }
}
