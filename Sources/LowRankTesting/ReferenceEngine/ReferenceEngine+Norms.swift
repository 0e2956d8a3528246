import LowRankTensors

extension ReferenceEngine {
  /// Adds `delta` to `x`, then normalises each row.
  public func norm(
    _ kind: Norm, _ x: Tensor, adding delta: Tensor?, weight: Tensor, bias: Tensor?, epsilon: Float,
    type: ElementType, saving: Bool
  ) -> NormOutput {
    let total = delta.map { sum(x, $0) } ?? x
    let weights = doubles(weight).map { $0 + Double(kind.weightOffset) }
    let biases = bias.map(doubles) ?? [Double](repeating: 0, count: weights.count)
    precondition(
      weights.count == x.shape.columns && biases.count == x.shape.columns,
      "\(weight), \(String(describing: bias)) do not fit \(x)")

    var (output, normalized, inverseDeviations) = ([Double](), [Double](), [Double]())
    for row in rowNumbers(total) {
      let centre = kind == .layer ? mean(row) : 0
      let centred = row.map { $0 - centre }
      let inverseDeviation = 1 / (mean(centred.map { $0 * $0 }) + Double(epsilon)).squareRoot()
      inverseDeviations.append(inverseDeviation)
      for (column, number) in centred.enumerated() {
        normalized.append(number * inverseDeviation)
        output.append(number * inverseDeviation * weights[column] + biases[column])
      }
    }
    return NormOutput(
      sum: total,
      output: made(output, x.shape, type),
      normalized: saving ? made(normalized, x.shape, type) : nil,
      inverseDeviation: saving ? made(inverseDeviations, [x.shape.rows], .float32) : nil)
  }

  /// The gradient of a norm: with n = normalized, g = output gradient · weight (1 + weight where the norm has it) and r = inverse deviation,
  /// `r · (g − mean(g) − n · mean(g · n))`, without `mean(g)` where no mean was taken away.
  public func normGradient(
    _ kind: Norm, output: Tensor, sum: Tensor?, normalized: Tensor, inverseDeviation: Tensor,
    weight: Tensor, hasBias: Bool, deltaType: ElementType?, needsWeight: Bool
  ) -> NormGradient {
    requireEqualShapes(output, normalized)
    let weights = doubles(weight).map { $0 + Double(kind.weightOffset) }
    let deviations = doubles(inverseDeviation)
    var result = sum.map(doubles) ?? [Double](repeating: 0, count: output.count)
    let columns = output.shape.columns
    for (row, (flow, n)) in zip(rowNumbers(output), rowNumbers(normalized)).enumerated() {
      let g = zip(flow, weights).map { $0 * $1 }
      let along = mean(zip(g, n).map { $0 * $1 })
      let shift = kind == .layer ? mean(g) : 0
      for column in 0..<columns {
        result[row * columns + column] +=
          deviations[row] * (g[column] - shift - n[column] * along)
      }
    }
    let total = made(result, output.shape, .float32)
    return NormGradient(
      sum: total,
      delta: deltaType.map { converted(total, to: $0) },
      weight: needsWeight ? columnSums(output, times: normalized) : nil,
      bias: needsWeight && hasBias ? columnSums(output) : nil)
  }

  private func mean(_ numbers: [Double]) -> Double {
    numbers.reduce(0, +) / Double(numbers.count)
  }
}
