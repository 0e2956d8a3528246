extension Computation {
  /// Softmax attention, `[query rows, heads · headSize]`, memory linear in the length.
  ///
  /// Queries, keys and values may be columns of one tensor; keeps their values, the relative tables,
  /// the output and the log-sum-exp of each row of scores.
  public func attention(_ problem: AttentionProblem) -> Tensor {
    let inputs = problem.inputs.map(\.reference)
    let tables = [problem.relative?.contentToPosition, problem.relative?.positionToContent]
    let tape = tape(
      for: problem.queries.tensor, problem.keys.tensor, problem.values.tensor, tables[0], tables[1])
    let (output, logSumExp) = engine.attention(problem, saving: tape != nil)
    guard let tape, let logSumExp else { return output }
    tape.record(output) { [type] dOutput, gradients in
      let result = gradients.engine.attentionGradient(
        problem, output: output, logSumExp: logSumExp,
        outputGradient: gradients.engine.converted(dOutput, to: type))
      for (input, gradient) in zip(inputs, result.inputs) { gradients.add(gradient, to: input) }
      let ofTables = [result.contentToPosition, result.positionToContent]
      for case (let table?, let gradient?) in zip(tables, ofTables) {
        gradients.add(gradient, to: table.reference)
      }
    }
    return output
  }
}

extension AttentionProblem {
  /// The distinct tensors among queries, keys and values, in this order.
  package var inputs: [Tensor] {
    var inputs: [Tensor] = []
    for tensor in [queries.tensor, keys.tensor, values.tensor]
    where !inputs.contains(where: { $0.id == tensor.id }) {
      inputs.append(tensor)
    }
    return inputs
  }
}
