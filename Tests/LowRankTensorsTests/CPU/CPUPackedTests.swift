import CKernels
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `Products with packed weights` {
  private static let checks = EngineCheck.all.filter {
    $0.description.contains("Q") || $0.description.contains("rank")
  }
  private static let sets = [CPUEngine.ProductKernels.none, .avx2, .avx512, .avx512BFloat16]

  @Test func `have checks for every type`() {
    for type in ElementType.packed {
      #expect(EngineCheck.all.contains { $0.description.contains(type.rawValue) })
    }
    #expect(Self.checks.count > 20)
  }

  @Test(arguments: checks)
  func `agree with the reference engine with fewer instructions, and with none of our own`(
    check: EngineCheck
  ) {
    for set in Self.sets {
      #expect(check.failures(of: CPUEngine(kernels: set)) == [], "\(set)")
    }
  }

  /// Sizes around the panels, rows and chunks of the kernels.
  @Test(arguments: [
    (9, 33, 256), (96, 64, 1024), (97, 65, 1280), (12, 704, 2304), (200, 300, 256), (6, 640, 512),
    (13, 33, 1280), (64, 301, 2048), (65, 704, 2304),
  ]) func `are right at every edge`(m: Int, n: Int, k: Int) {
    for type in [ElementType.float32, .bfloat16] {
      for set in CPUEngine.ProductKernels.allCases {
        let engine = CPUEngine(kernels: set)
        var random = Philox(key: UInt64(m * n))
        let x = engine.tensor(
          (0..<m * k).map { _ in roundedToBFloat16(Float(random.normal())) }, [m, k], type: type)
        // Scales of 2⁻⁷ and 2⁻⁸: their products with whole numbers are exact in bf16.
        var bytes: [UInt8] = []
        for block in 0..<n * k / 32 {
          bytes += [0, block % 2 == 0 ? 0x20 : 0x1C]
          for _ in 0..<32 { bytes.append(UInt8(random.integer(below: 256))) }
        }
        bytes.withUnsafeBytes { memory in
          let owner = Owner()
          let packed = engine.resident(memory, stored: .q8_0, [n, k], as: .q8_0, owner: owner)
          let whole = engine.converted(packed, to: .float32)
          let expected = engine.product(
            Matrix(engine.converted(x, to: .float32)), whole.transposed, storedAs: .float32)
          let found = engine.product(Matrix(x), packed.transposed, storedAs: .float32)
          #expect(distance(engine.floats(found), engine.floats(expected)) < 3e-6)
          let back = engine.product(Matrix(found), Matrix(packed), storedAs: .float32)
          let expectedBack = engine.product(Matrix(found), Matrix(whole), storedAs: .float32)
          #expect(distance(engine.floats(back), engine.floats(expectedBack)) < 3e-6)
        }
      }
    }
  }

  /// The kernel of f32 widens bf16 exactly, and adds up in the same order: around tiles, panels, chunks and blocks of rows.
  @Test(arguments: [
    (33, 130, 129), (64, 512, 513), (100, 65, 1100), (2100, 140, 70), (40, 20, 300),
  ])
  func `multiply bf16 as f32 with fewer instructions`(m: Int, n: Int, k: Int) {
    var random = Philox(key: UInt64(m + n + k))
    let engine = CPUEngine(kernels: .avx512)
    let (x, w, z, u) = (
      half(engine, [m, k], &random), half(engine, [n, k], &random), half(engine, [m, 3], &random),
      half(engine, [n, 3], &random)
    )
    let narrow = engine.product(
      Matrix(x), Matrix(w, transposed: true),
      plus: LowRankProduct(Matrix(z), Matrix(u, transposed: true)), bias: nil, type: .float32)
    let wide = [x, w, z, u].map { engine.converted($0, to: .float32) }
    let expected = engine.product(
      Matrix(wide[0]), Matrix(wide[1], transposed: true),
      plus: LowRankProduct(Matrix(wide[2]), Matrix(wide[3], transposed: true)), bias: nil,
      type: .float32)
    #expect(engine.floats(narrow) == engine.floats(expected))
  }

  /// Around tiles of 16 rows, 32 terms and 32 columns, panels, chunks and blocks of rows.
  ///
  /// NaN lies around the factors. Where the processor has no tiles, f32 passes the same test.
  @Test(arguments: [
    (9, 33, 30, 2), (16, 32, 32, 8), (17, 31, 34, 8), (48, 130, 770, 6), (64, 512, 514, 40),
    (100, 65, 1100, 16), (64, 512, 513, 3), (40, 70, 1101, 5), (33, 31, 31, 1),
    (333, 260, 2050, 8), (2100, 140, 70, 8), (1030, 300, 1026, 10),
  ])
  func `multiply bf16 in tiles as f32 does`(m: Int, n: Int, k: Int, rank: Int) {
    var random = Philox(key: UInt64(m + n + k))
    let engine = CPUEngine(kernels: .amx)
    for turned in [true, false] {
      let shapes: [Shape] = [
        [m, k], turned ? [n, k] : [k, n], [m, rank], turned ? [n, rank] : [rank, n],
      ]
      let factors = shapes.map { surrounded(engine, $0, &random) }
      let found = sum(factors, turned, by: engine)
      let expected = sum(factors, turned, by: CPUEngine(kernels: .avx512))
      #expect(
        distance(engine.floats(found), engine.floats(expected)) < 1e-6, "transposed: \(turned)")
      let other = CPUEngine(kernels: .amx)
      #expect(engine.floats(sum(factors, turned, by: other)) == engine.floats(found))
    }
  }

  /// A kernel of tiles that multiplies wrongly would turn itself off, and the other tests would pass in f32.
  @Test func `use tiles where the system offers them`() {
    #expect(lr_has_products(LR_AMX) == lr_offers_tiles())
  }

  private func sum(_ f: [Matrix], _ turned: Bool, by engine: CPUEngine) -> Tensor {
    engine.product(
      f[0], turned ? f[1].transposed : f[1],
      plus: LowRankProduct(f[2], turned ? f[3].transposed : f[3]),
      bias: nil, type: .float32)
  }

  /// A matrix of bf16 within a larger one that holds nothing but NaN.
  private func surrounded(_ engine: CPUEngine, _ shape: Shape, _ random: inout Philox) -> Matrix {
    let whole: Shape = [shape.rows + 2, shape.columns + 4]
    var numbers = [Float](repeating: .nan, count: whole.count)
    for row in 0..<shape.rows {
      for column in 0..<shape.columns {
        numbers[(row + 1) * whole.columns + column + 2] = Float(random.normal())
      }
    }
    return Matrix(
      engine.tensor(numbers, whole, type: .bfloat16), rows: 1..<shape.rows + 1,
      columns: 2..<shape.columns + 2)
  }

  private func half(_ engine: CPUEngine, _ shape: Shape, _ random: inout Philox) -> Tensor {
    engine.tensor((0..<shape.count).map { _ in Float(random.normal()) }, shape, type: .bfloat16)
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Double {
    let difference = zip(a, b).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    return (difference / b.reduce(0) { $0 + Double($1) * Double($1) }).squareRoot()
  }

  /// Keeps nothing: the bytes outlive the tensors.
  private final class Owner: Sendable {}
}
