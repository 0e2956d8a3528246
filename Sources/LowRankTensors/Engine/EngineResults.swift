/// What a norm returns: the sum it took in, its output, and what its gradient needs.
public struct NormOutput: Sendable {
  /// `x + delta` in the type of `x`; `x` itself where nothing was added.
  public var sum: Tensor
  /// The normalised rows times weight plus bias, in the type asked for.
  public var output: Tensor
  /// The normalised rows before weight and bias, in the type of `output`; nil unless saved.
  public var normalized: Tensor?
  /// One over the deviation of each row, f32 `[rows]`; nil unless saved.
  public var inverseDeviation: Tensor?

  /// The results of a norm.
  public init(sum: Tensor, output: Tensor, normalized: Tensor?, inverseDeviation: Tensor?) {
    self.sum = sum
    self.output = output
    self.normalized = normalized
    self.inverseDeviation = inverseDeviation
  }
}

/// What the gradient of a norm returns.
public struct NormGradient: Sendable {
  /// The gradient of the sum, f32, with what flowed into the sum from elsewhere added.
  public var sum: Tensor
  /// The same numbers in the type of the added delta; nil where nothing was added.
  public var delta: Tensor?
  /// The gradient of the weight, f32 `[columns]`; nil unless asked for.
  public var weight: Tensor?
  /// The gradient of the bias, f32 `[columns]`; nil unless asked for and there is one.
  public var bias: Tensor?

  /// The gradients of a norm.
  public init(sum: Tensor, delta: Tensor?, weight: Tensor?, bias: Tensor?) {
    self.sum = sum
    self.delta = delta
    self.weight = weight
    self.bias = bias
  }
}

/// What the head with its loss returns: the loss of each row and, where asked for, gradients of their sum.
public struct HeadLoss: Sendable {
  /// `−log softmax(hidden · weightᵀ + bias)[label]` of each row, f32 `[rows]`.
  public var losses: Tensor
  /// The gradient of the hidden rows, in their type.
  public var hidden: Tensor?
  /// The gradient of the head's weight, f32, in the weight's own layout.
  public var weight: Tensor?
  /// The gradient of the head's bias, f32.
  public var bias: Tensor?

  /// The results of the head with its loss.
  public init(losses: Tensor, hidden: Tensor?, weight: Tensor?, bias: Tensor?) {
    self.losses = losses
    self.hidden = hidden
    self.weight = weight
    self.bias = bias
  }
}

/// What an engine is asked for beside the losses of the head.
public struct HeadGradients: OptionSet, Sendable {
  /// The bits.
  public let rawValue: Int
  /// A set of the given bits.
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// The gradient of the hidden rows.
  public static let hidden = HeadGradients(rawValue: 1)
  /// The gradient of the head's weight and bias.
  public static let weight = HeadGradients(rawValue: 2)
}

/// The gradients of queries, keys and values, each in the type of its input.
///
/// Where inputs are columns of one fused tensor, their gradients are columns of one fused tensor too.
public struct AttentionGradient: Sendable {
  /// One gradient for each distinct input tensor, in the order queries, keys, values.
  public var inputs: [Tensor]
  /// The gradient of the relative table of queries, f32; nil where there is none.
  public var contentToPosition: Tensor?
  /// The gradient of the relative table of keys, f32; nil where there is none.
  public var positionToContent: Tensor?

  /// The gradients of the distinct inputs and of the relative tables.
  public init(
    inputs: [Tensor], contentToPosition: Tensor? = nil, positionToContent: Tensor? = nil
  ) {
    self.inputs = inputs
    self.contentToPosition = contentToPosition
    self.positionToContent = positionToContent
  }
}

/// One step of AdamW's arithmetic, with the bias corrections already worked out.
///
/// `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
/// `w ← w·(1 − rate·decay) − rate · (m/c₁) / (√(v/c₂) + ε)`, with `cᵢ = 1 − βᵢᵗ` and `g` multiplied
/// by `gradientScale` first. (Loshchilov and Hutter, arXiv 1711.05101)
public struct AdamWStep: Hashable, Sendable {
  /// The learning rate.
  public var rate: Float
  /// The decay of the first moment.
  public var beta1: Float
  /// The decay of the second moment.
  public var beta2: Float
  /// What is added to the root of the second moment.
  public var epsilon: Float
  /// The decoupled weight decay.
  public var weightDecay: Float
  /// `1 − β₁ᵗ`.
  public var correction1: Float
  /// `1 − β₂ᵗ`.
  public var correction2: Float
  /// What gradients are multiplied by before anything else: clipping and the mean over tokens.
  public var gradientScale: Float

  /// The arithmetic of one step.
  public init(
    rate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float,
    correction1: Float, correction2: Float, gradientScale: Float
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.correction1 = correction1
    self.correction2 = correction2
    self.gradientScale = gradientScale
  }
}
