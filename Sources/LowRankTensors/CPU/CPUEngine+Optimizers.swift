import CKernels

extension CPUEngine {
  /// One step of AdamW, in place where the handles are the only ones.
  public func adamW(
    _ step: AdamWStep, gradient: Tensor, value: inout Tensor, first: inout Tensor,
    second: inout Tensor
  ) {
    precondition(
      gradient.shape == value.shape && first.shape == value.shape && second.shape == value.shape,
      "AdamW on \(value) with \(gradient), \(first), \(second)")
    makeWritable(&value)
    makeWritable(&first)
    makeWritable(&second)
    var kernel = lr_adamw_step(
      beta1: step.beta1, beta2: step.beta2, epsilon: step.epsilon,
      keep: 1 - step.rate * step.weightDecay, step: step.rate / step.correction1,
      root: 1 / step.correction2.squareRoot(), gradient_scale: step.gradientScale)
    lr_adamw(
      &kernel, singles(gradient), singles(value), singles(first), singles(second),
      Int64(value.count))
  }
}
