import LowRankTensors

extension EngineCheck {
  /// Heights, depths and widths of products.
  private static let sizes = [
    (1, 1, 1), (1, 5, 3), (3, 1, 5), (4, 7, 1), (17, 33, 19), (64, 48, 80), (5, 0, 3), (0, 4, 3),
    (3, 4, 0),
  ]

  static func products(_ type: ElementType) -> [EngineCheck] {
    sizes.map { height, depth, width in
      EngineCheck("products \(height)×\(depth)×\(width) of \(type.rawValue)") { trial in
        var results: [EngineResult] = []
        for left in Layout.allCases {
          for right in Layout.allCases {
            let a = trial.operand(height, depth, type, left)
            let b = trial.operand(depth, width, type, right)
            for stored in [ElementType.float32, .bfloat16] {
              results.append(
                EngineResult(
                  "\(left) · \(right) as \(stored.rawValue)",
                  trial.engine.product(a, b, bias: nil, scale: 1, type: stored)))
              for biasType in [ElementType.float32, .bfloat16] {
                let bias = trial.normal([width], biasType)
                results.append(
                  EngineResult(
                    "0.37 \(left) · \(right) + \(biasType.rawValue) bias as \(stored.rawValue)",
                    trial.engine.product(a, b, bias: bias, scale: 0.37, type: stored)))
              }
            }
          }
        }
        return results
      }
    }
  }

  static func additions(_ type: ElementType) -> [EngineCheck] {
    [ElementType.float32, .bfloat16].flatMap { stored in
      sizes.map { height, depth, width in
        EngineCheck(
          "products \(height)×\(depth)×\(width) of \(type.rawValue) added to \(stored.rawValue)"
        ) { trial in
          Layout.allCases.flatMap { layout in
            let a = trial.operand(height, depth, type, layout)
            let b = trial.operand(depth, width, type, .transposed)
            var whole = trial.normal([height, width], stored)
            trial.engine.addProduct(a, b, scale: 1, to: &whole, rows: nil, columns: nil)

            let original = trial.normal([height + 3, width + 4], stored)
            var part = original
            trial.engine.addProduct(
              a, b, scale: -0.7, to: &part, rows: 1..<1 + height, columns: 2..<2 + width)
            trial.engine.addProduct(
              a, b, scale: 2, to: &part, rows: 3..<3 + height, columns: nil ?? 0..<width)

            var view = original.viewed(rows: 2..<2 + height)
            trial.engine.addProduct(a, b, scale: 1, to: &view, rows: nil, columns: 1..<1 + width)
            return [
              EngineResult("\(layout), whole", whole), EngineResult("\(layout), part", part),
              EngineResult("\(layout), view", view),
              EngineResult("\(layout), other handle", original),
            ]
          }
        }
      }
    }
  }
}
