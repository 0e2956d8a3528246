import LowRankTensors

/// Gradients summed over trained tokens, with the number of those tokens beside them.
///
/// Sums add up over micro-batches and processes whatever their sizes; they are divided by the count
/// once, when they are applied, so that accumulation equals one large batch.
public struct GradientSum: Sendable {
  /// The gradient of the summed loss with respect to each parameter that it depends on.
  public var gradients: [Parameter: Tensor] = [:]
  /// The sum of the losses of the tokens.
  public var loss = 0.0
  /// The number of tokens.
  public var tokens = 0

  /// How well preferred answers are told from others; without rows for other objectives.
  public var preferences = PreferenceMeasures()

  /// Nothing yet.
  public init() {}

  /// The mean loss of a token.
  public var meanLoss: Double { loss / Double(tokens) }

  /// What gradients are multiplied by: the mean over tokens, and clipping to a norm.
  ///
  /// - Parameters:
  ///   - norm: the norm of the mean gradient.
  ///   - maxNorm: the greatest norm; nil not to clip.
  func scale(norm: Double, maxNorm: Double?) -> Double {
    (maxNorm.map { min(1, $0 / (norm + 1e-6)) } ?? 1) / Double(tokens)
  }

  /// Adds the sums of a micro-batch.
  public mutating func add(
    _ gradients: [Parameter: Tensor], loss: Double, tokens: Int, on engine: any Engine
  ) {
    self.loss += loss
    self.tokens += tokens
    for (parameter, gradient) in gradients {
      if var sum = self.gradients.removeValue(forKey: parameter) {
        engine.add(gradient, scale: 1, to: &sum)
        self.gradients[parameter] = sum
      } else {
        self.gradients[parameter] = engine.converted(gradient, to: .float32)
      }
    }
  }
}
