import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `Products of each head with a table` {
  private let reference = ReferenceEngine()
  private let rows = 5
  private let heads = 3
  private let size = 4
  private let count = 7
  private let tolerances: [ElementType: Double] = [.float32: 1e-6, .bfloat16: 1e-2]

  /// Whole tensors, or these columns of wider ones.
  private static let cuts: [(x: Range<Int>?, table: Range<Int>?)] = [
    (nil, nil), (3..<15, nil), (nil, 12..<24), (1..<13, 2..<14),
  ]

  private func numbers(_ shape: Shape, key: UInt64) -> [Double] {
    var random = Philox(key: key)
    return (0..<shape.count).map { _ in Double(roundedToBFloat16(Float(random.normal()))) }
  }

  private func shapes(_ cut: (x: Range<Int>?, table: Range<Int>?)) -> (x: Shape, table: Shape) {
    ([rows, cut.x == nil ? heads * size : 17], [count, cut.table == nil ? heads * size : 25])
  }

  /// The value by the definition, element by element.
  private func value(
    _ x: [Double], _ table: [Double], _ cut: (x: Range<Int>?, table: Range<Int>?)
  ) -> [Double] {
    let (xShape, tableShape) = shapes(cut)
    return (0..<rows).flatMap { row in
      (0..<heads * count).map { column in
        let (head, entry) = (column / count, column % count)
        return (0..<size).reduce(0) { sum, i in
          let left = (cut.x?.lowerBound ?? 0) + head * size + i
          let right = (cut.table?.lowerBound ?? 0) + head * size + i
          return sum + x[row * xShape.columns + left] * table[entry * tableShape.columns + right]
        }
      }
    }
  }

  /// The value and the gradients of Σ value · flow, as operations on an engine compute them.
  private func results(
    _ engine: any Engine, _ type: ElementType, _ x: [Double], _ table: [Double], _ flow: [Double],
    _ cut: (x: Range<Int>?, table: Range<Int>?)
  ) throws -> [[Double]] {
    let inputs = zip([x, table], [shapes(cut).x, shapes(cut).table]).map { engine.tensor($0, $1) }
    let parameters = inputs.map { Parameter("input", $0.shape, role: .weight, module: "") }
    let tape = Tape(on: engine)
    for (input, parameter) in zip(inputs, parameters) { tape.watch(input, as: parameter) }
    let y = Computation(engine: engine, type: type, tape: tape).headProduct(
      inputs[0], inputs[1], heads: heads, columns: cut.x, tableColumns: cut.table)
    #expect(y.type == .float32 && y.shape == [rows, heads * count])
    let gradients = tape.gradients(from: [(y, engine.tensor(flow, y.shape))])
    return try [engine.doubles(y)]
      + parameters.map { engine.doubles(try #require(gradients[$0])) }
  }

  @Test(arguments: cuts) func `are those of the definition, gradients central differences`(
    cut: (x: Range<Int>?, table: Range<Int>?)
  ) throws {
    let (x, table) = (numbers(shapes(cut).x, key: 1), numbers(shapes(cut).table, key: 2))
    let flow = numbers([rows, heads * count], key: 3)
    let found = try results(reference, .float32, x, table, flow, cut)
    let expected = [
      value(x, table, cut),
      centralDifferences(of: { dot(value($0, table, cut), flow) }, at: x),
      centralDifferences(of: { dot(value(x, $0, cut), flow) }, at: table),
    ]
    for (found, expected) in zip(found, expected) {
      #expect(relativeDistance(found, from: expected) < 1e-9)
    }
  }

  @Test(arguments: cuts, [ElementType.float32, .bfloat16])
  func `are the same on the processor`(
    cut: (x: Range<Int>?, table: Range<Int>?), type: ElementType
  ) throws {
    let (x, table) = (numbers(shapes(cut).x, key: 1), numbers(shapes(cut).table, key: 2))
    let flow = numbers([rows, heads * count], key: 3)
    let found = try results(CPUEngine(), type, x, table, flow, cut)
    let expected = try results(reference, .float32, x, table, flow, cut)
    for (found, expected) in zip(found, expected) {
      #expect(relativeDistance(found, from: expected) < (tolerances[type] ?? 0))
    }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
