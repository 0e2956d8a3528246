import CKernels

extension CPUEngine {
  /// Adds and normalises in one trip through the rows.
  public func norm(
    _ kind: Norm, _ x: Tensor, adding delta: Tensor?, weight: Tensor, bias: Tensor?,
    epsilon: Float, type: ElementType, saving: Bool
  ) -> NormOutput {
    precondition(
      weight.count == x.shape.columns && (bias?.count ?? weight.count) == weight.count
        && (delta?.shape ?? x.shape) == x.shape,
      "a norm of \(x) plus \(delta?.description ?? "nothing") by \(weight)")
    let weight = converted(weight, to: .float32)
    let bias = bias.map { converted($0, to: .float32) }
    let sum = delta == nil ? x : empty(x.shape, x.type)
    let output = empty(x.shape, type)
    let normalized = saving ? empty(x.shape, type) : nil
    let inverse = saving ? empty([x.shape.rows], .float32) : nil
    lr_norm(
      kind.kernelKind, view(x), view(delta), view(sum), singles(weight), bias.map(singles),
      epsilon, view(output), view(normalized), inverse.map(singles), x.kernelRows,
      x.kernelColumns)
    return NormOutput(
      sum: sum, output: output, normalized: normalized, inverseDeviation: inverse)
  }

  /// The gradient of a norm in one trip through the rows.
  public func normGradient(
    _ kind: Norm, output: Tensor, sum: Tensor?, normalized: Tensor, inverseDeviation: Tensor,
    weight: Tensor, hasBias: Bool, deltaType: ElementType?, needsWeight: Bool
  ) -> NormGradient {
    let shape = output.shape
    precondition(
      normalized.shape == shape && (sum?.shape ?? shape) == shape
        && inverseDeviation.count == shape.rows && weight.count == shape.columns,
      "gradients \(output) and \(sum?.description ?? "none") of a norm of \(normalized)")
    let weight = converted(weight, to: .float32)
    let total = empty(shape, .float32)
    let narrow = deltaType.flatMap { $0 == .float32 ? nil : empty(shape, $0) }
    let dWeight = needsWeight ? empty(weight.shape, .float32) : nil
    let dBias = needsWeight && hasBias ? empty(weight.shape, .float32) : nil
    let partials = needsWeight ? partialSums(of: output, kinds: 2) : nil
    lr_norm_backward(
      kind.kernelKind, view(output), view(sum), view(normalized), singles(inverseDeviation),
      singles(weight), view(total), view(narrow), partials.map(singles), dWeight.map(singles),
      dBias.map(singles), output.kernelRows, output.kernelColumns)
    return NormGradient(
      sum: total, delta: deltaType == nil ? nil : narrow ?? total, weight: dWeight, bias: dBias)
  }

  /// `f(x)`, or `f(x) · other` when gated.
  public func activation(_ f: Activation, _ x: Tensor, times other: Tensor?) -> Tensor {
    precondition((other?.shape ?? x.shape) == x.shape, "\(x) times \(other?.shape ?? [])")
    let result = empty(x.shape, x.type)
    lr_activation(
      f.kernelFunction, flat(x), flat(other), flat(result), 1, Int64(x.count))
    return result
  }

  /// The gradients of an activation, `f(x)` worked out again.
  public func activationGradient(
    _ f: Activation, _ x: Tensor, times other: Tensor?, output: Tensor
  ) -> (x: Tensor, other: Tensor?) {
    precondition(
      output.shape == x.shape && (other?.shape ?? x.shape) == x.shape,
      "the gradient \(output) of \(x) times \(other?.shape ?? [])")
    let dx = empty(x.shape, x.type)
    let dOther = other.map { empty($0.shape, $0.type) }
    lr_activation_backward(
      f.kernelFunction, flat(x), flat(other), flat(output), flat(dx), flat(dOther), 1,
      Int64(x.count))
    return (dx, dOther)
  }

  private func flat(_ tensor: Tensor?) -> lr_view { tensor.map { flat($0) } ?? view(nil) }

  /// Rotates pairs of columns; traps on a position beyond the tables.
  public func rotary(
    _ x: Tensor, headSize: Int, positions: Tensor, cosine: Tensor, sine: Tensor, inverse: Bool
  ) -> Tensor {
    let half = cosine.shape.columns
    precondition(
      x.shape.columns.isMultiple(of: headSize) && 2 * half <= headSize && headSize <= 2_048
        && cosine.shape == sine.shape && positions.count == x.shape.rows,
      "\(positions.count) positions, heads of \(headSize) in \(x), angles \(cosine), \(sine)")
    requireRows(positions, below: cosine.shape.rows)
    let result = empty(x.shape, x.type)
    lr_rotary(
      view(x), view(result), x.kernelRows, Int64(x.shape.columns / headSize), Int64(headSize),
      Int64(half), numbers(positions), singles(cosine), singles(sine), inverse ? 1 : 0)
    return result
  }
}

extension Norm {
  fileprivate var kernelKind: lr_norm_kind {
    switch self {
    case .layer: LR_NORM_LAYER
    case .rootMeanSquare: LR_NORM_RMS
    case .rootMeanSquarePlusOne: LR_NORM_RMS_ONE
    }
  }
}

extension Activation {
  fileprivate var kernelFunction: lr_function {
    switch self {
    case .gelu: LR_GELU
    case .geluTanh: LR_GELU_TANH
    case .silu: LR_SILU
    case .relu: LR_RELU
    case .tanh: LR_TANH
    case .softplus: LR_SOFTPLUS
    }
  }
}
