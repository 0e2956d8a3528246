import LowRankTensors
import Testing

@Suite struct `Reductions on the processor` {
  private let engine = CPUEngine()

  private func noise(_ shape: Shape, key: UInt64) -> Tensor {
    var random = Philox(key: key)
    return engine.tensor(
      (0..<shape.count).map { _ in Float(random.normal()) }, shape, type: .float32)
  }

  /// Everything that adds up over rows.
  private func results() -> [[Float]] {
    let (x, dy, weight) = (
      noise([777, 96], key: 1), noise([777, 96], key: 2), noise([96], key: 3)
    )
    let output = engine.norm(
      .layer, x, adding: nil, weight: weight, bias: weight, epsilon: 1e-5, type: .float32,
      saving: true)
    guard let normalized = output.normalized, let inverse = output.inverseDeviation else {
      return []
    }
    let gradient = engine.normGradient(
      .layer, output: dy, sum: nil, normalized: normalized, inverseDeviation: inverse,
      weight: weight, hasBias: true, deltaType: nil, needsWeight: true)
    let ids = engine.tensor((0..<777).map { Int32($0 % 10) }, [777])
    let parts = [
      output.output, gradient.sum, gradient.weight, gradient.bias, engine.columnSums(x),
      engine.columnSums(x, times: dy), engine.rowNorms(x),
      engine.scattered(x, at: ids, count: 10),
    ]
    return parts.map { $0.map(engine.floats) ?? [] } + [[Float(engine.sumOfSquares(x))]]
  }

  @Test func `give the same bits again`() {
    let first = results()
    #expect(first.count == 9)
    for _ in 0..<5 { #expect(results() == first) }
  }

  @Test func `add up squares beyond the precision of f32`() {
    let ones = engine.filled(1, [3, 11_000_000])
    #expect(engine.sumOfSquares(ones) == 33_000_000)
  }
}
