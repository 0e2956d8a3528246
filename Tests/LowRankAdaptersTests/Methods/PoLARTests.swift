import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct PoLARTests {
  @Test func `starts with orthonormal factors and no update`() throws {
    let engine = ReferenceEngine()
    let adapter = try Adapter(
      on: TinyModels.llama(on: engine), targets: .named("up_proj"),
      update: AdapterUpdate(PoLAR(), PatternRanks(rank: 3)))
    let landing = try #require(adapter.landing)
    #expect(landing.rows.count == 2 && landing.columns.count == 2)
    for parameter in landing.rows + landing.columns {
      let turned = landing.columns.contains(parameter)
      #expect(departure(engine.doubles(adapter.values[parameter]), parameter.shape, turned) < 1e-6)
    }
  }

  @Test func `is saved with orthonormal factors and the same update`() throws {
    let engine = ReferenceEngine()
    let adapter = try MovedAdapter.made(
      PoLAR(), on: TinyModels.llama(on: engine), targets: .named("up_proj"), rank: 3)
    let stored = Dictionary(
      uniqueKeysWithValues: adapter.storedTensors().map { ($0.name, $0) })
    let path = adapter.sites[0].path
    func matrix(_ name: String) throws -> HostMatrix<Double> {
      let tensor = try #require(stored["\(path).\(name)"])
      return HostMatrix(
        tensor.values.map { Double($0) }, rows: tensor.shape[0], columns: tensor.shape[1])
    }
    let (x, theta, y) = (try matrix("polar_X"), try matrix("polar_S"), try matrix("polar_Y"))
    #expect(departure(x.elements, [12, 3], true) < 1e-6)
    #expect(departure(y.elements, [3, 8], false) < 1e-6)
    let product = x.multiplied(by: theta).multiplied(by: y).elements.map {
      Double(adapter.sites[0].scale) * $0
    }
    #expect(relativeDistance(product, from: adapter.delta(of: 0)) < 1e-6)
  }

  /// `Λ = g PᵀP − P gᵀP + λ P (PᵀP − I)`, element by element.
  @Test(arguments: [true, false])
  func `has the landing field of its definition`(isTurned: Bool) throws {
    let engine = ReferenceEngine()
    let shape: Shape = isTurned ? [5, 2] : [2, 5]
    let parameter = Parameter("p", shape, role: .up, module: "m")
    var random = Philox(key: 3)
    func draw() -> [Double] { (0..<10).map { _ in random.normal() } }
    let (values, slopes) = (draw(), draw())
    var store = ParameterStore()
    store[parameter] = engine.tensor(values, shape)
    var gradients = [parameter: engine.tensor(slopes, shape)]
    let field = LandingField(
      attraction: 0.7, rows: isTurned ? [] : [parameter], columns: isTurned ? [parameter] : [])
    field.replace(&gradients, tokens: 4, store, on: engine)
    // P and g as [5, 2].
    func entry(_ numbers: [Double], _ row: Int, _ column: Int) -> Double {
      isTurned ? numbers[row * 2 + column] : numbers[column * 5 + row]
    }
    func gram(_ a: [Double], _ b: [Double], _ i: Int, _ j: Int) -> Double {
      (0..<5).reduce(0) { $0 + entry(a, $1, i) * entry(b, $1, j) }
    }
    var expected = [Double](repeating: 0, count: 10)
    for row in 0..<5 {
      for column in 0..<2 {
        var sum = 0.0
        for k in 0..<2 {
          let own = gram(values, values, k, column)
          sum += entry(slopes, row, k) * own
          sum -= entry(values, row, k) * gram(slopes, values, k, column)
          sum += 4 * 0.7 * entry(values, row, k) * (own - (k == column ? 1 : 0))
        }
        expected[isTurned ? row * 2 + column : column * 5 + row] = sum
      }
    }
    let found = engine.doubles(try #require(gradients[parameter]))
    #expect(relativeDistance(found, from: expected) < 1e-12)
  }

  /// `‖PᵀP − I‖_F`.
  private func departure(_ numbers: [Double], _ shape: Shape, _ isTurned: Bool) -> Double {
    let matrix = HostMatrix(numbers, rows: shape[0], columns: shape[1])
    let gram =
      isTurned
      ? matrix.transposed.multiplied(by: matrix) : matrix.multiplied(by: matrix.transposed)
    return (0..<gram.rows).reduce(0) { sum, i in
      (0..<gram.rows).reduce(sum) {
        let excess = gram[i, $1] - (i == $1 ? 1 : 0)
        return $0 + excess * excess
      }
    }.squareRoot()
  }
}
