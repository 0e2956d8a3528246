import LowRankTensors
import LowRankTesting
import Testing

/// A product with everything that may vary about it.
struct ProductCase: Sendable, CustomStringConvertible {
  var m = 37
  var k = 29
  var n = 53
  var a = ElementType.float32
  var b = ElementType.float32
  var c = ElementType.float32
  var aTransposed = false
  var bTransposed = false
  var bias: ElementType?
  var scale: Float = 1

  var description: String {
    "[\(m), \(k)]\(aTransposed ? "ᵀ" : "") \(a.rawValue) · [\(k), \(n)]\(bTransposed ? "ᵀ" : "") "
      + "\(b.rawValue) → \(c.rawValue), bias \(bias?.rawValue ?? "none"), scale \(scale)"
  }

  static let types: [ProductCase] = ElementType.floats.flatMap { a in
    ElementType.floats.flatMap { b in
      ElementType.floats.flatMap { c in
        [nil, ElementType.float32, .bfloat16].flatMap { bias in
          [Float(1), -0.5].map { ProductCase(a: a, b: b, c: c, bias: bias, scale: $0) }
        }
      }
    }
  }

  static let shapes: [ProductCase] = [
    (1, 1, 1), (1, 64, 300), (300, 64, 1), (300, 1, 64), (256, 1_024, 8), (8, 1_024, 256),
    (257, 8, 129), (512, 400, 200), (1_024, 100, 16), (64, 513, 32), (0, 5, 7), (5, 0, 7), (5, 7, 0), (0, 0, 0),
  ].flatMap { m, k, n in
    [(false, false), (false, true), (true, false), (true, true)].flatMap { a, b in
      ElementType.floats.map {
        ProductCase(
          m: m, k: k, n: n, a: $0, b: $0, c: .float32, aTransposed: a, bTransposed: b, scale: 2)
      }
    }
  }
}

extension ElementType {
  static let floats: [ElementType] = [.float32, .bfloat16]
}

@Suite struct `Products on the processor` {
  private static let engine = CPUEngine()
  private var engine: CPUEngine { Self.engine }

  /// Small whole numbers: sums of their products are exact in f32, and small ones in bf16.
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = Philox(key: seed)
    return (0..<count).map { _ in Float(random.integer(below: 5) - 2) }
  }

  private func operand(
    _ rows: Int, _ columns: Int, _ type: ElementType, transposed: Bool, seed: UInt64
  ) -> (Matrix, [Float]) {
    let values = numbers(rows * columns, seed: seed)
    var stored = values
    if transposed {
      for row in 0..<rows {
        for column in 0..<columns { stored[column * rows + row] = values[row * columns + column] }
      }
    }
    let shape: Shape = transposed ? [columns, rows] : [rows, columns]
    return (Matrix(engine.tensor(stored, shape, type: type), transposed: transposed), values)
  }

  private func check(_ p: ProductCase) {
    let (a, left) = operand(p.m, p.k, p.a, transposed: p.aTransposed, seed: 1)
    let (b, right) = operand(p.k, p.n, p.b, transposed: p.bTransposed, seed: 2)
    let bias = p.bias.map { engine.tensor(numbers(p.n, seed: 3), [p.n], type: $0) }
    let start = numbers(p.m * p.n, seed: 4)
    var expected = [Float](repeating: 0, count: p.m * p.n)
    for i in 0..<p.m {
      for l in 0..<p.k {
        let factor = left[i * p.k + l] * p.scale
        for j in 0..<p.n { expected[i * p.n + j] += factor * right[l * p.n + j] }
      }
    }
    let rounded: (Float) -> Float = { p.c == .bfloat16 ? roundedToBFloat16($0) : $0 }
    let shift = bias.map(engine.floats) ?? [Float](repeating: 0, count: p.n)
    let product = engine.product(a, b, bias: bias, scale: p.scale, type: p.c)
    #expect(
      engine.floats(product)
        == expected.enumerated().map { rounded($1 + shift[$0 % max(p.n, 1)]) })

    var sum = engine.tensor(start, [p.m, p.n], type: p.c)
    engine.addProduct(a, b, scale: p.scale, to: &sum, rows: nil, columns: nil)
    #expect(engine.floats(sum) == zip(start, expected).map { rounded($0 + $1) })
  }

  @Test(arguments: ProductCase.types)
  func `are exact on whole numbers whatever the types`(_ product: ProductCase) { check(product) }

  @Test(arguments: ProductCase.shapes)
  func `are exact on whole numbers whatever the shape`(_ product: ProductCase) { check(product) }

  @Test func `leave what lies beside their part of a matrix alone`() {
    let (a, b) = (engine.filled(1, [3, 40]), engine.filled(1, [40, 2]))
    var c = engine.filled(7, [6, 9])
    engine.addProduct(Matrix(a), Matrix(b), scale: 1, to: &c, rows: 2..<5, columns: 4..<6)
    for (index, number) in engine.floats(c).enumerated() {
      let isInside = (2..<5).contains(index / 9) && (4..<6).contains(index % 9)
      #expect(number == (isInside ? 47 : 7))
    }
  }

  @Test func `give the same bits again`() {
    let a = engine.tensor(numbers(300 * 700, seed: 5).map { $0 / 3 }, [300, 700], type: .float32)
    let b = engine.tensor(numbers(700 * 96, seed: 6).map { $0 / 7 }, [700, 96], type: .float32)
    let first = engine.floats(engine.product(Matrix(a), Matrix(b), storedAs: .float32))
    for _ in 0..<5 {
      #expect(
        engine.floats(engine.product(Matrix(a), Matrix(b), storedAs: .float32)) == first)
    }
  }

  @Test func `outlive the cache of primitives`() {
    let a = engine.filled(2, [1_600, 70])
    let b = engine.filled(1, [70, 16])
    for rows in 1_000..<1_600 {
      let c = engine.product(Matrix(a, rows: 0..<rows), Matrix(b), storedAs: .float32)
      #expect(engine.sumOfSquares(c) == Double(rows * 16 * 140 * 140))
    }
  }
}
