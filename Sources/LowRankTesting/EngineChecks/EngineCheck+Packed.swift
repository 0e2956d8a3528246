import LowRankTensors

extension EngineCheck {
  /// Everything that an engine does with a packed weight; `type` is that of the other factor.
  static func packed(_ type: ElementType) -> [EngineCheck] {
    // A weight is rounded to the type of the other factor.
    let tolerance: Double? = type == .bfloat16 ? 6e-3 : nil
    return ElementType.packed.map { stored in
      EngineCheck("products of \(type.rawValue) with \(stored.rawValue)", tolerance: tolerance) {
        trial in
        let weight = trial.packed([70, 512], stored)
        let (x, dy) = (trial.normal([19, 512], type), trial.normal([19, 70], type))
        let bias = trial.normal([70])
        return [
          EngineResult(
            "x Wᵀ + b",
            trial.engine.product(
              Matrix(x), weight.transposed, bias: bias, scale: 1, type: .float32)),
          EngineResult(
            "x Wᵀ",
            trial.engine.product(Matrix(x), weight.transposed, scale: 0.5, storedAs: type)),
          EngineResult(
            "dy W", trial.engine.product(Matrix(dy), Matrix(weight), storedAs: .float32)),
          EngineResult(
            "a few rows of x Wᵀ + b",
            trial.engine.product(
              Matrix(x, rows: 3..<8), Matrix(weight, rows: 5..<60, transposed: true),
              bias: trial.normal([55], type), scale: 1, type: type)),
          added(trial.normal([2, 70], type), Matrix(x, rows: 0..<2), weight.transposed, trial),
          added(trial.normal([19, 70], type), Matrix(x), weight.transposed, trial),
          added(trial.normal([19, 512], type), Matrix(dy), Matrix(weight), trial),
        ]
      }
    } + few(type, tolerance) + slices(type, tolerance) + tables(type, tolerance)
  }

  /// A few rows, as in generation, by weights of every type that are long enough to be cut.
  private static func few(_ type: ElementType, _ tolerance: Double?) -> [EngineCheck] {
    (ElementType.packed + [.float32, .bfloat16]).map { stored in
      EngineCheck(
        "a few rows of \(type.rawValue) by \(stored.rawValue)",
        tolerance: stored == .bfloat16 ? 6e-3 : tolerance
      ) { trial in
        let weight =
          stored.isPacked ? trial.packed([43, 2304], stored) : trial.normal([43, 2304], stored)
        let x = trial.normal([64, 2304], type)
        let bias = trial.normal([43], type)
        let products = [1, 2, 3, 4, 5, 8, 17, 64].map { count in
          EngineResult(
            "\(count) of x Wᵀ + b",
            trial.engine.product(
              Matrix(x, rows: 64 - count..<64), weight.transposed, bias: bias, scale: 1,
              type: .float32))
        }
        let part = Matrix(weight, rows: 2..<40, columns: 256..<768, transposed: true)
        return products + [
          EngineResult(
            "a part of x by a part of W",
            trial.engine.product(
              Matrix(x, rows: 1..<4, columns: 32..<544), part, scale: 0.5, storedAs: type)),
          added(trial.normal([4, 43]), Matrix(x, rows: 0..<4), weight.transposed, trial),
          added(trial.normal([18, 43]), Matrix(x, rows: 5..<23), weight.transposed, trial),
        ]
      }
    }
  }

  private static func added(_ c: Tensor, _ a: Matrix, _ b: Matrix, _ trial: EngineTrial)
    -> EngineResult
  {
    var sum = c
    trial.engine.addProduct(a, b, scale: 0.3, to: &sum, rows: nil, columns: nil)
    return EngineResult("sum of \(c) and \(b.isTransposed ? "x Wᵀ" : "dy W")", sum)
  }

  /// Rectangles of packed weights, columns cut within a block too.
  private static func slices(_ type: ElementType, _ tolerance: Double?) -> [EngineCheck] {
    [ElementType.q8_0, .q4_K, .float16].map { stored in
      EngineCheck(
        "slices of \(stored.rawValue) in products of \(type.rawValue)", tolerance: tolerance
      ) { trial in
        let weight = trial.packed([90, 768], stored)
        return [0..<256, 256..<600, 37..<290, 37..<293].flatMap { columns in
          let part = Matrix(weight, rows: 11..<83, columns: columns)
          let x = trial.normal([7, columns.count], type)
          let dy = trial.normal([72, 7], type)
          return [
            EngineResult(
              "x Wᵀ", trial.engine.product(Matrix(x), part.transposed, storedAs: .float32)),
            EngineResult(
              "dyᵀ W", trial.engine.product(dy.transposed, part, storedAs: .float32)),
            EngineResult(
              "W xᵀ", trial.engine.product(part, x.transposed, storedAs: .float32)),
          ]
        }
      }
    }
  }

  /// Tables and heads that are too tall for a panel of columns.
  private static func tables(_ type: ElementType, _ tolerance: Double?) -> [EngineCheck] {
    [ElementType.q8_0, .float16].map { stored in
      EngineCheck("tables of \(stored.rawValue) beside \(type.rawValue)", tolerance: tolerance) {
        trial in
        let vocabulary = 17_000
        let table = trial.packed([vocabulary, 32], stored)
        let (hidden, labels) = (
          trial.normal([5, 32], type, deviation: 0.2), trial.integers(5, below: vocabulary)
        )
        let loss = trial.engine.headLoss(
          hidden: hidden, weight: Matrix(table), bias: nil, labels: labels, smoothing: 0,
          gradients: .hidden)
        let ids = trial.integers(9, below: vocabulary)
        return [
          EngineResult("losses", loss.losses), EngineResult("gradient", loss.hidden),
          EngineResult("rows", trial.engine.rows(of: table, at: ids, type: type)),
          EngineResult(
            "numbers", trial.engine.converted(table.viewed(rows: 50..<60), to: .float32)),
        ]
      }
    }
  }
}
