import Foundation
import LowRankTensors
import LowRankTesting
import Testing

/// A product of random numbers in the shapes and layouts that training and generation meet.
struct RoundedProduct: Sendable, CustomStringConvertible {
  var m: Int
  var k: Int
  var n: Int
  var aTransposed = false
  var bTransposed = false
  /// Rows and columns that lie around a factor, and around the result of an accumulation.
  var margin = 0
  var inputs = ElementType.float32
  var output = ElementType.float32
  var accumulates = false
  var hasBias = false
  var scale: Float = 1

  var description: String {
    "[\(m), \(k)]\(aTransposed ? "ᵀ" : "") · [\(k), \(n)]\(bTransposed ? "ᵀ" : "") "
      + "\(inputs.rawValue) → \(output.rawValue)\(margin > 0 ? ", within others" : "")"
      + "\(accumulates ? ", accumulating" : "")\(hasBias ? ", bias" : ""), scale \(scale)"
  }

  /// Layers forward and backward, gradients of weights, factors of updates, single rows and columns.
  private static let forms: [RoundedProduct] = [
    RoundedProduct(m: 256, k: 768, n: 768), RoundedProduct(m: 256, k: 768, n: 2_304, hasBias: true),
    RoundedProduct(m: 128, k: 3_072, n: 768, bTransposed: true),
    RoundedProduct(m: 256, k: 768, n: 768, bTransposed: true, accumulates: true),
    RoundedProduct(m: 512, k: 1_000, n: 300, aTransposed: true, accumulates: true, scale: 0.3),
    RoundedProduct(m: 130, k: 2_304, n: 260, margin: 1, accumulates: true, scale: 0.5),
    RoundedProduct(m: 128, k: 16_400, n: 256, hasBias: true),
    RoundedProduct(m: 200, k: 640, n: 320, margin: 3),
    RoundedProduct(m: 200, k: 640, n: 320, bTransposed: true, margin: 5, accumulates: true),
    RoundedProduct(m: 320, k: 640, n: 200, aTransposed: true, margin: 7, accumulates: true),
    RoundedProduct(m: 1_024, k: 768, n: 8, bTransposed: true),
    RoundedProduct(m: 1_024, k: 8, n: 768, bTransposed: true, accumulates: true, scale: 2),
    RoundedProduct(m: 768, k: 1_024, n: 8, aTransposed: true, scale: 2),
    RoundedProduct(m: 8, k: 1_024, n: 768, aTransposed: true, accumulates: true, scale: -0.7),
    RoundedProduct(m: 1, k: 4_096, n: 1_024, bTransposed: true, hasBias: true),
    RoundedProduct(m: 1_024, k: 4_096, n: 1, margin: 1, scale: 0.1),
    RoundedProduct(m: 1, k: 50_000, n: 1, bTransposed: true),
  ]

  static let all: [RoundedProduct] = forms.flatMap { form in
    ElementType.floats.flatMap { inputs in
      ElementType.floats.map { output in
        var product = form
        product.inputs = inputs
        product.output = output
        return product
      }
    }
  }
}

@Suite struct `Rounding of products on the processor` {
  private let engine = CPUEngine()

  /// A matrix, the numbers around it, and where it begins among them.
  private struct Operand {
    var matrix: Matrix
    var numbers: [Float]
    var columns: Int
    var margin: Int

    func callAsFunction(_ row: Int, _ column: Int) -> Double {
      let (row, column) = matrix.isTransposed ? (column, row) : (row, column)
      return Double(numbers[(row + margin) * columns + column + margin])
    }
  }

  /// Normal numbers, more than a row of any matrix here has; made once, since that takes long.
  private static let normals: [Float] = {
    var random = Philox(key: 18)
    return (0..<65_537).map { _ in Float(random.normal()) }
  }()
  private static let normalsInBF16 = normals.map(roundedToBFloat16)

  private func noise(_ count: Int, _ type: ElementType, _ random: inout Philox) -> [Float] {
    let numbers = type == .bfloat16 ? Self.normalsInBF16 : Self.normals
    let first = random.integer(below: numbers.count)
    var noise: [Float] = []
    noise.reserveCapacity(count)
    noise += numbers[first...].prefix(count)
    while noise.count < count { noise += numbers.prefix(count - noise.count) }
    return noise
  }

  private func operand(
    _ height: Int, _ width: Int, _ p: RoundedProduct, transposed: Bool, _ random: inout Philox
  ) -> Operand {
    let (rows, columns) = transposed ? (width, height) : (height, width)
    let (allRows, allColumns) = (rows + 2 * p.margin, columns + 2 * p.margin)
    let numbers = noise(allRows * allColumns, p.inputs, &random)
    let tensor = engine.tensor(numbers, [allRows, allColumns], type: p.inputs)
    let matrix = Matrix(
      tensor, rows: p.margin..<p.margin + rows, columns: p.margin..<p.margin + columns,
      transposed: transposed)
    return Operand(matrix: matrix, numbers: numbers, columns: allColumns, margin: p.margin)
  }

  /// Errors are within √k + 8 roundings of Σ|aᵢbᵢ| to f32, and one of the result to its type.
  ///
  /// Numbers that were rounded to bf16 on their way in, or added up in it, are far outside.
  @Test(arguments: RoundedProduct.all)
  func `is that of f32, and of the type of the result`(p: RoundedProduct) {
    var random = Philox(key: 17)
    let a = operand(p.m, p.k, p, transposed: p.aTransposed, &random)
    let b = operand(p.k, p.n, p, transposed: p.bTransposed, &random)
    let bias = noise(p.n, p.output, &random)
    let width = p.n + 2 * p.margin
    let start = noise((p.m + 2 * p.margin) * width, p.output, &random)
    var place: (Int, Int) -> Int = { $0 * p.n + $1 }
    var result: Tensor
    if p.accumulates {
      place = { ($0 + p.margin) * width + $1 + p.margin }
      result = engine.tensor(start, [p.m + 2 * p.margin, width], type: p.output)
      engine.addProduct(
        a.matrix, b.matrix, scale: p.scale, to: &result, rows: p.margin..<p.margin + p.m,
        columns: p.margin..<p.margin + p.n)
    } else {
      let shift = p.hasBias ? engine.tensor(bias, [p.n], type: p.output) : nil
      result = engine.product(a.matrix, b.matrix, bias: shift, scale: p.scale, type: p.output)
    }
    let found = engine.floats(result)

    var worst = 0.0
    for sample in 0..<300 {
      // The corners, then anywhere.
      let row = sample < 4 ? (p.m - 1) * (sample / 2) : random.integer(below: p.m)
      let column = sample < 4 ? (p.n - 1) * (sample % 2) : random.integer(below: p.n)
      var (sum, size) = (0.0, 0.0)
      for inner in 0..<p.k {
        let term = Double(p.scale) * a(row, inner) * b(inner, column)
        sum += term
        size += abs(term)
      }
      let added =
        p.accumulates ? Double(start[place(row, column)]) : p.hasBias ? Double(bias[column]) : 0
      let (exact, inF32) = (sum + added, (Double(p.k).squareRoot() + 8) * 0x1p-24)
      let allowed =
        inF32 * (size + abs(added)) + (p.output == .bfloat16 ? 0x1p-8 * abs(exact) : 0)
      worst = max(worst, abs(Double(found[place(row, column)]) - exact) / allowed)
    }
    #expect(worst <= 1, "an error of \(worst) times what rounding explains")
  }

  /// oneDNN says which arithmetic a product has; a variable may only choose it for those that do not.
  @Test func `cannot be lowered by the environment`() async {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      for prefix in ["DNNL_", "ONEDNN_"] {
        setenv(prefix + "DEFAULT_FPMATH_MODE", "BF16", 1)
        setenv(prefix + "VERBOSE", "1", 1)
      }
      let engine = CPUEngine()
      let matrix = Matrix(engine.filled(1, [64, 64]))
      _ = engine.floats(engine.product(matrix, matrix, storedAs: .float32))
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let product = output.split(separator: "\n").first { $0.contains("matmul") }
    #expect(product.map { !$0.contains("fpmath") } == true, "oneDNN said: \(output)")
  }
}
