/// A stage that cuts a normalized text into words, and may change their text.
protocol PreTokenizer: Sendable {
  func apply(to text: inout PreTokenizedText, _ classes: inout ScalarClasses)
}

/// Several stages, one after the other.
struct PreTokenizerSequence: PreTokenizer {
  let stages: [any PreTokenizer]

  func apply(to text: inout PreTokenizedText, _ classes: inout ScalarClasses) {
    for stage in stages { stage.apply(to: &text, &classes) }
  }
}
