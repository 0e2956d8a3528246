extension Computation {
  /// The loss of each labelled row, `−log softmax(hidden · Wᵀ + b)[label]`, f32 `[rows]`; of it a share of `smoothing` is
  /// the mean over all labels instead of the row's own (label smoothing, as torch's `cross_entropy` has it).
  ///
  /// `hidden` has one row for each label: positions without a label never reach the head. Gradients are those of the sum
  /// of the losses and are worked out in the same pass over the vocabulary, so the backward pass must start from these
  /// losses with gradients of one.
  public func headLoss(
    _ hidden: Tensor, _ weight: LinearWeight, bias: Tensor? = nil, labels: Tensor,
    smoothing: Float = 0
  ) -> Tensor {
    let hidden = converted(hidden)
    let fast = weight.converted(to: type, by: engine)
    let tape = tape(for: hidden, weight.tensor, bias)
    var wanted: HeadGradients = []
    if let tape {
      if tape.tracks(hidden) { wanted.insert(.hidden) }
      if tape.tracks(weight.tensor) || (bias.map(tape.tracks) ?? false) { wanted.insert(.weight) }
    }
    let result = engine.headLoss(
      hidden: hidden, weight: fast.backward, bias: bias, labels: labels, smoothing: smoothing,
      gradients: wanted)
    let (hiddenReference, weightReference) = (hidden.reference, weight.tensor.reference)
    tape?.record(result.losses) { [bias = bias?.reference] _, gradients in
      if let gradient = result.hidden { gradients.add(gradient, to: hiddenReference) }
      if let gradient = result.weight { gradients.add(gradient, to: weightReference) }
      if let bias, let gradient = result.bias { gradients.add(gradient, to: bias) }
    }
    return result.losses
  }
}
