import Foundation
import LowRankTensors

extension ReferenceEngine {
  /// Attention; rows outside all segments are zero.
  public func attention(_ problem: AttentionProblem, saving: Bool) -> (
    output: Tensor, logSumExp: Tensor?
  ) {
    let operands = AttentionOperands(problem, of: self)
    let rows = problem.queries.tensor.shape.rows
    let width = problem.heads * problem.headSize
    var output = [Double](repeating: 0, count: rows * width)
    var logSums = [Double](repeating: 0, count: problem.heads * rows)
    for query in problem.visits {
      let weights = operands.weights(of: query)
      logSums[query.head * rows + query.row] = weights.logSumExp
      for (key, weight) in zip(query.keys, zip(weights.probabilities, weights.dropout)) {
        let value = operands.value(key, query.keyHead)
        for (i, number) in value.enumerated() {
          output[query.row * width + query.head * problem.headSize + i] +=
            weight.0 * weight.1 * number
        }
      }
    }
    return (
      made(output, [rows, width], problem.queries.tensor.type),
      saving ? made(logSums, [problem.heads, rows], .float32) : nil
    )
  }

  /// The gradients of attention, from the definition: with p the softmax, d the dropout factors, o the output
  /// and ∂o its gradient, `∂vⱼ += pⱼ dⱼ ∂o`, `∂sⱼ = pⱼ (dⱼ ∂o·vⱼ − Σₖ pₖ dₖ ∂o·vₖ)`,
  /// `∂q += scale · Σⱼ ∂sⱼ kⱼ` and `∂kⱼ += scale · ∂sⱼ q`; `scale · ∂sⱼ` goes to the element of each relative
  /// table that was added to the score.
  ///
  /// `output` and `logSumExp` are what other engines recompute the softmax from; here it is worked out
  /// anew. Columns of a fused tensor that are neither queries, keys nor values have gradient zero.
  public func attentionGradient(
    _ problem: AttentionProblem, output: Tensor, logSumExp: Tensor, outputGradient: Tensor
  ) -> AttentionGradient {
    requireEqualShapes(output, outputGradient)
    let operands = AttentionOperands(problem, of: self)
    let flows = rowNumbers(outputGradient)
    let size = problem.headSize
    let scale = Double(problem.scale)
    var gradients = FusedGradients(problem)
    let tables = (problem.relative?.contentToPosition, problem.relative?.positionToContent)
    var ofTables = (
      [Double](repeating: 0, count: tables.0?.count ?? 0),
      [Double](repeating: 0, count: tables.1?.count ?? 0)
    )
    for query in problem.visits {
      let weights = operands.weights(of: query)
      let q = operands.query(query.row, query.head)
      let flow = Array(flows[query.row][query.head * size..<(query.head + 1) * size])
      let flowToWeights = zip(query.keys, weights.dropout).map { key, factor in
        factor * dot(flow, operands.value(key, query.keyHead))
      }
      let mean = dot(weights.probabilities, flowToWeights)
      for (j, key) in query.keys.enumerated() {
        let p = weights.probabilities[j]
        let score = p * (flowToWeights[j] - mean) * scale
        gradients.add(
          p * weights.dropout[j], flow, to: problem.values, row: key, head: query.keyHead)
        gradients.add(
          score, operands.key(key, query.keyHead), to: problem.queries, row: query.row,
          head: query.head)
        gradients.add(score, q, to: problem.keys, row: key, head: query.keyHead)
        let (ofQueries, ofKeys) = problem.relativeElements(query, key: key)
        if let ofQueries { ofTables.0[ofQueries] += score }
        if let ofKeys { ofTables.1[ofKeys] += score }
      }
    }
    return AttentionGradient(
      inputs: gradients.inputs.map { made($0.numbers, $0.tensor.shape, $0.tensor.type) },
      contentToPosition: tables.0.map { made(ofTables.0, $0.shape, .float32) },
      positionToContent: tables.1.map { made(ofTables.1, $0.shape, .float32) })
  }
}

/// Gradients of the distinct tensors that queries, keys and values are columns of.
private struct FusedGradients {
  private(set) var inputs: [(tensor: Tensor, numbers: [Double])] = []
  private let headSize: Int

  init(_ problem: AttentionProblem) {
    headSize = problem.headSize
    for tensor in [problem.queries.tensor, problem.keys.tensor, problem.values.tensor]
    where !inputs.contains(where: { $0.tensor.id == tensor.id }) {
      inputs.append((tensor, [Double](repeating: 0, count: tensor.count)))
    }
  }

  mutating func add(
    _ factor: Double, _ vector: [Double], to columns: AttentionProblem.Columns, row: Int, head: Int
  ) {
    guard let input = inputs.firstIndex(where: { $0.tensor.id == columns.tensor.id }) else {
      return
    }
    let start =
      row * columns.tensor.shape.columns + columns.range.lowerBound + head * headSize
    for (i, number) in vector.enumerated() { inputs[input].numbers[start + i] += factor * number }
  }
}
