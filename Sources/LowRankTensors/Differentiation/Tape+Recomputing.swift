extension Tape {
  /// Computes a part of a model so that only its inputs are kept; the backward pass computes it again.
  ///
  /// Memory falls by all that the part's operations would keep, and its forward products are made twice. Chen et al.,
  /// "Training Deep Nets with Sublinear Memory Cost", arXiv 1604.06174.
  /// - Parameters:
  ///   - inputs: what the part begins with.
  ///   - part: the same operations each time, recorded on the tape it is given. `isReplay` says that it is run again, when the
  ///     values of its outputs are of no use to anybody.
  package func recomputing(
    _ inputs: [Tensor],
    _ part: @escaping (_ inputs: [Tensor], _ tape: Tape, _ isReplay: Bool) -> [Tensor]
  ) -> [Tensor] {
    let before = tracked
    let trial = Tape(on: engine, tracking: before, keepsNodes: false)
    let outputs = part(inputs, trial, false)
    let reached = outputs.filter(trial.tracks)
    guard !reached.isEmpty else { return outputs }
    precondition(
      !reached.contains { output in inputs.contains { $0.id == output.id } },
      "a part that is computed again hands on one of its inputs")
    let references = outputs.map(\.reference)
    record(outputs: reached) { gradients in
      let flowing = references.map { gradients.take($0) }
      let tape = Tape(on: gradients.engine, tracking: before)
      let again = part(inputs, tape, true)
      let seeds = zip(again, flowing).compactMap { tensor, gradient in
        gradient.map { (tensor: tensor, gradient: $0) }
      }
      gradients.add(contentsOf: tape.flow(from: seeds))
    }
    return outputs
  }
}
