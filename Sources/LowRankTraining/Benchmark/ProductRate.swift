import LowRankTensors

/// How many operations a second the machine's matrix products reach over a model's own shapes.
struct ProductRate {
  private let shapes: [(inputs: Int, outputs: Int)]
  private let rows: Int
  private let type: ElementType
  private let engine: any Engine

  init(
    of shapes: [(inputs: Int, outputs: Int)], rows: Int, type: ElementType, on engine: any Engine
  ) {
    self.shapes = shapes
    self.rows = rows
    self.type = type
    self.engine = engine
  }

  /// The best, over shapes, of the median rate of seven runs; one slow shape would flatter whoever is compared with it.
  func best() -> Double {
    shapes.map { shape in
      let x = random([rows, shape.inputs])
      let weight = random([shape.outputs, shape.inputs])
      let flops = 2 * Double(rows) * Double(shape.inputs) * Double(shape.outputs)
      let rates = (0..<8).map { _ in
        let start = ContinuousClock.now
        _ = engine.product(Matrix(x), weight.transposed, storedAs: type)
        return flops / (ContinuousClock.now - start).seconds
      }
      return median(Array(rates.dropFirst()))
    }.max() ?? 0
  }

  private func random(_ shape: Shape) -> Tensor {
    var random = Philox(key: 2)
    return engine.tensor((0..<shape.count).map { _ in random.uniform() - 0.5 }, shape, type: type)
  }
}
