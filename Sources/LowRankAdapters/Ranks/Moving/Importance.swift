/// How much the loss depends on each number of a factor, and how sure that is.
///
/// `I = |p · ∂L/∂p|`, `Ī ← β₁ Ī + (1 − β₁) I`, `Ū ← β₂ Ū + (1 − β₂) |I − Ī|`, and the score is `Ī · Ū`. Zhang et al.,
/// arXiv 2303.10512, equations 8 to 10.
struct Importance: Hashable, Sendable {
  /// Ī.
  var mean: [Float]
  /// Ū.
  var uncertainty: [Float]

  /// Nothing known of some numbers.
  init(count: Int) {
    mean = [Float](repeating: 0, count: count)
    // Memory of its own from the start, so that a plan sees what the run will hold.
    uncertainty = [Float](repeating: 0, count: count)
  }

  /// What was saved.
  init(mean: [Float], uncertainty: [Float]) {
    (self.mean, self.uncertainty) = (mean, uncertainty)
  }

  /// Adds what one step says.
  ///
  /// - Parameters:
  ///   - gradient: the gradients of the numbers; none where the loss does not depend on them.
  ///   - scale: what gradients are multiplied by.
  mutating func add(
    _ values: [Float], _ gradient: [Float]?, scale: Float, beta1: Float, beta2: Float
  ) {
    for index in values.indices {
      let now = gradient.map { abs(values[index] * (scale * $0[index])) } ?? 0
      let smooth = beta1 * mean[index] + (1 - beta1) * now
      mean[index] = smooth
      uncertainty[index] = beta2 * uncertainty[index] + (1 - beta2) * abs(now - smooth)
    }
  }

  /// The mean score of the numbers at some places.
  func score(_ places: some Collection<Int>) -> Float {
    var sum = 0.0
    for place in places { sum += Double(mean[place] * uncertainty[place]) }
    return Float(sum / Double(places.count))
  }
}
