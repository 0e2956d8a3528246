/// The directions that all modules together may keep at a step of AdaLoRA.
///
/// `b(t) = b₀` up to t_init, then `⌊b_T + (b₀ − b_T)(1 − (t − t_init)/(T − t_init − t_final))³⌋`, and b_T for the last
/// t_final steps. Zhang et al., arXiv 2303.10512, with PEFT's rounding.
struct CubicBudget: Hashable, Sendable {
  /// b₀, the directions at the start.
  let first: Int
  /// b_T, the directions that are left.
  let last: Int
  /// t_init, the steps before directions go.
  let warmup: Int
  /// The step at which the last ones go.
  let end: Int
  /// Every how many steps directions are chosen.
  let interval: Int

  /// The budget after a step, from 1, and whether directions are chosen there.
  func budget(at step: Int) -> (count: Int, isDue: Bool) {
    if step <= warmup { return (first, false) }
    if step > end { return (last, true) }
    let left = 1 - Double(step - warmup) / Double(end - warmup)
    let count = Int(Double(first - last) * left * left * left + Double(last))
    return (count, step.isMultiple(of: interval) || step == end)
  }
}
