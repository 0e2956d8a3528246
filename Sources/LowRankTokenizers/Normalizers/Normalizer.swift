/// A stage that changes a text before it is cut into words.
protocol Normalizer: Sendable {
  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses)
}

/// Several stages, one after the other.
struct NormalizerSequence: Normalizer {
  let stages: [any Normalizer]

  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    for stage in stages { stage.apply(to: &text, &classes) }
  }
}
