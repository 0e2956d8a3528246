extension Computation {
  /// The loss of each labelled row, `−log softmax(hidden · Wᵀ + b)[label]`, f32 `[rows]`; of it a share of `smoothing` is
  /// the mean over all labels instead of the row's own (label smoothing, as torch's `cross_entropy` has it).
  ///
  /// `hidden` has one row for each label: positions without a label never reach the head. Gradients are worked out in the
  /// same pass over the vocabulary.
  /// - Parameter isSummed: whether the backward pass starts from the sum of these losses, whose gradients are one. Where
  ///   something else is computed of the losses, the gradient of each row is multiplied by what flows back into its loss.
  ///   If the weight is trained too, which sums over rows, the head is then applied a second time in the backward pass.
  public func headLoss(
    _ hidden: Tensor, _ weight: LinearWeight, bias: Tensor? = nil, labels: Tensor,
    smoothing: Float = 0, isSummed: Bool = true
  ) -> Tensor {
    let hidden = converted(hidden)
    let fast = weight.converted(to: type, by: engine).backward
    let tape = tape(for: hidden, weight.tensor, bias)
    var wanted: HeadGradients = []
    if let tape {
      if tape.tracks(hidden) { wanted.insert(.hidden) }
      if tape.tracks(weight.tensor) || (bias.map(tape.tracks) ?? false) { wanted.insert(.weight) }
    }
    let isDeferred = !isSummed && wanted.contains(.weight)
    let result = engine.headLoss(
      hidden: hidden, weight: fast, bias: bias, labels: labels, smoothing: smoothing,
      gradients: isDeferred ? [] : wanted)
    let references = HeadReferences(
      hidden: hidden.reference, weight: weight.tensor.reference, bias: bias?.reference)
    if isDeferred {
      tape?.record(result.losses) { flow, gradients in
        let scaled = gradients.engine.headLoss(
          hidden: hidden, weight: fast, bias: bias, labels: labels, scales: flow,
          smoothing: smoothing, gradients: wanted)
        references.add(scaled, to: &gradients)
      }
    } else {
      tape?.record(result.losses) { flow, gradients in
        var result = result
        if !isSummed {
          result.hidden = result.hidden.map { gradients.engine.scaledRows($0, by: flow) }
        }
        references.add(result, to: &gradients)
      }
    }
    return result.losses
  }
}

/// What a head's gradients belong to.
private struct HeadReferences {
  let hidden: TensorReference
  let weight: TensorReference
  let bias: TensorReference?

  func add(_ result: HeadLoss, to gradients: inout Gradients) {
    if let gradient = result.hidden { gradients.add(gradient, to: hidden) }
    if let gradient = result.weight { gradients.add(gradient, to: weight) }
    if let bias, let gradient = result.bias { gradients.add(gradient, to: bias) }
  }
}
