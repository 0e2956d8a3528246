import LowRankTensors
import LowRankTesting
import Testing

/// Maps of few rows, as generation has them, go through a kernel of their own.
@Suite struct `Linear maps with terms` {
  /// A row count and a type; a map of 70 rows has another kernel than one of up to 64.
  private static let cases = [1, 3, 8, 9, 30, 64].flatMap { rows in
    ElementType.floats.map { (rows, $0) }
  }

  @Test(arguments: cases)
  func `give few rows what they give many`(rows: Int, type: ElementType) throws {
    let engine = CPUEngine()
    var random = Philox(key: 7)
    func matrix(_ rows: Int, _ columns: Int, _ type: ElementType = .float32) -> Tensor {
      engine.tensor(
        (0..<rows * columns).map { _ in Float(random.normal()) / 8 }, [rows, columns], type: type)
    }
    let (inputs, outputs) = (96, 640)
    let x = (0..<70 * inputs).map { _ in Float(random.normal()) }
    let weight = LinearWeight(matrix(outputs, inputs, type))
    let bias = engine.tensor(
      (0..<outputs).map { _ in Float(random.normal()) }, [outputs], type: .float32)
    // Ranks around what a unit takes, and a term of some columns.
    let terms = [
      LowRankTerm(down: matrix(9, inputs), up: matrix(outputs, 9), scale: 2),
      LowRankTerm(down: matrix(3, inputs), up: matrix(200, 3), scale: -1, columns: 100..<300),
    ]
    func result(_ count: Int) -> [Float] {
      let compute = Computation(engine: engine, type: type)
      let some = engine.tensor(Array(x.prefix(count * inputs)), [count, inputs], type: type)
      return engine.floats(compute.linear(some, weight, bias: bias, adding: terms))
    }
    let (few, many) = (result(rows), result(70))
    #expect(few.count == rows * outputs)
    let tolerance: Float = type == .float32 ? 2e-5 : 0.06
    for (a, b) in zip(few, many) { #expect(abs(a - b) <= tolerance * max(1, abs(b) / 4)) }
  }
}
