import LowRankTensors

extension Pass {
  /// Runs a block on the residual stream; where blocks are recomputed, only the stream before it is kept.
  func block(
    _ stream: inout ResidualStream, _ apply: @escaping (inout ResidualStream, Pass) -> Void
  ) {
    guard let tape = recomputingTape else { return apply(&stream, self) }
    let parts = tape.recomputing(stream.parts) { parts, tape, isReplay in
      var stream = ResidualStream(parts)
      apply(&stream, recording(on: tape, isReplay: isReplay))
      return stream.parts
    }
    stream = ResidualStream(parts)
  }

  /// Runs a block on `[rows, width]`; where blocks are recomputed, only its input is kept.
  func block(_ x: Tensor, _ apply: @escaping (Tensor, Pass) -> Tensor) -> Tensor {
    guard let tape = recomputingTape else { return apply(x, self) }
    return tape.recomputing([x]) { inputs, tape, isReplay in
      [apply(inputs[0], recording(on: tape, isReplay: isReplay))]
    }[0]
  }

  /// The pass for the last map of a block, whose product a replay has no use for.
  var skippingReplayOutput: Pass {
    var pass = self
    pass.compute.omitsProducts = isReplay
    return pass
  }

  /// The pass for a map whose derivative may need its value.
  package var makingProducts: Pass {
    var pass = self
    pass.compute.omitsProducts = false
    return pass
  }

  /// The tape, where blocks are recorded by their inputs; observers would be shown a block twice.
  private var recomputingTape: Tape? {
    recomputesBlocks && observers.isEmpty ? compute.tape : nil
  }

  private func recording(on tape: Tape, isReplay: Bool) -> Pass {
    var pass = self
    pass.compute = Computation(engine: compute.engine, type: compute.type, tape: tape)
    pass.isReplay = isReplay
    return pass
  }
}
