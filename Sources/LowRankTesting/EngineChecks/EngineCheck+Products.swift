import LowRankTensors

extension EngineCheck {
  /// A product's extents: `[height, depth] · [depth, width]`.
  private struct Size {
    var height: Int
    var depth: Int
    var width: Int
    /// How its operands lie: as in a forward pass, in a backward pass, and in the gradient of a weight.
    var layouts: [(Layout, Layout)] = [
      (.whole, .transposed), (.sliced, .whole), (.transposed, .sliced),
    ]
  }

  private static let sizes = [
    Size(height: 1, depth: 1, width: 1), Size(height: 1, depth: 5, width: 3),
    Size(height: 3, depth: 1, width: 5), Size(height: 4, depth: 7, width: 1),
    Size(
      height: 17, depth: 33, width: 19,
      layouts: Layout.allCases.flatMap { left in Layout.allCases.map { (left, $0) } }),
    Size(height: 64, depth: 48, width: 80), Size(height: 5, depth: 0, width: 3),
    Size(height: 0, depth: 4, width: 3), Size(height: 3, depth: 4, width: 0),
    // Thin as a factor of an update.
    Size(height: 200, depth: 17, width: 8),
  ]

  static func products(_ type: ElementType) -> [EngineCheck] {
    sizes.map { size in
      EngineCheck("products \(size.height)×\(size.depth)×\(size.width) of \(type.rawValue)") {
        trial in
        size.layouts.flatMap { left, right in
          let a = trial.operand(size.height, size.depth, type, left)
          let b = trial.operand(size.depth, size.width, type, right)
          return [ElementType.float32, .bfloat16].flatMap { stored in
            [nil, ElementType.float32, .bfloat16].flatMap { biasType in
              let bias = biasType.map { trial.normal([size.width], $0) }
              return [1, 0.37].map { (scale: Float) in
                EngineResult(
                  "\(scale) \(left) · \(right) + \(bias?.description ?? "0") as \(stored.rawValue)",
                  trial.engine.product(a, b, bias: bias, scale: scale, type: stored))
              }
            }
          }
        }
      }
    }
  }

  static func additions(_ type: ElementType) -> [EngineCheck] {
    [ElementType.float32, .bfloat16].flatMap { stored in
      sizes.map { size in
        EngineCheck(
          """
          products \(size.height)×\(size.depth)×\(size.width) of \(type.rawValue) \
          added to \(stored.rawValue)
          """
        ) { trial in
          size.layouts.prefix(3).flatMap { left, right in
            let a = trial.operand(size.height, size.depth, type, left)
            let b = trial.operand(size.depth, size.width, type, right)
            var whole = trial.normal([size.height, size.width], stored)
            trial.engine.addProduct(a, b, scale: 1, to: &whole, rows: nil, columns: nil)

            let original = trial.normal([size.height + 3, size.width + 4], stored)
            var part = original
            trial.engine.addProduct(
              a, b, scale: -0.7, to: &part, rows: 1..<1 + size.height, columns: 2..<2 + size.width)
            trial.engine.addProduct(
              a, b, scale: 2, to: &part, rows: 3..<3 + size.height, columns: 0..<size.width)

            var view = original.viewed(rows: 2..<2 + size.height)
            trial.engine.addProduct(
              a, b, scale: 1, to: &view, rows: nil, columns: 1..<1 + size.width)
            let name = "\(left) · \(right):"
            return [
              EngineResult("\(name) whole", whole), EngineResult("\(name) part", part),
              EngineResult("\(name) view", view), EngineResult("\(name) other handle", original),
            ]
          }
        }
      }
    } + [
      EngineCheck("products of \(type.rawValue) with the other type") { trial in
        let other: ElementType = type == .float32 ? .bfloat16 : .float32
        // Whole numbers of few bits, which are the same in both types.
        let a = Matrix(trial.whole([9, 20], type, limit: 30))
        let b = Matrix(trial.whole([20, 7], other, limit: 30))
        var sum = trial.normal([9, 7])
        trial.engine.addProduct(a, b, scale: 0.5, to: &sum, rows: nil, columns: nil)
        return [
          EngineResult("product", trial.engine.product(a, b, storedAs: .float32)),
          EngineResult("turned", trial.engine.product(b.transposed, a.transposed, storedAs: other)),
          EngineResult("added", sum),
        ]
      }
    ]
  }
}
