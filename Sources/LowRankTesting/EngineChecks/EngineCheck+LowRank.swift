import LowRankTensors

extension EngineCheck {
  /// A product with a term of low rank: `[height, depth] · [depth, width]` and `[height, rank] · [rank, width]`.
  private struct TermSize {
    var height: Int
    var depth: Int
    var width: Int
    var rank: Int
  }

  private static let termSizes = [
    TermSize(height: 5, depth: 7, width: 9, rank: 2),
    TermSize(height: 40, depth: 192, width: 130, rank: 8),
    TermSize(height: 97, depth: 1_100, width: 300, rank: 13),
    TermSize(height: 33, depth: 64, width: 257, rank: 70),
  ]

  /// Products with a term of low rank, and the products of its factors and their gradients.
  static func lowRank(_ type: ElementType) -> [EngineCheck] {
    termSizes.map { size in
      EngineCheck(
        "products \(size.height)×\(size.depth)×\(size.width) of \(type.rawValue) with rank \(size.rank)"
      ) { trial in
        [(Layout.whole, Layout.transposed), (.sliced, .whole)].flatMap { left, right in
          let a = trial.operand(size.height, size.depth, type, left)
          let b = trial.operand(size.depth, size.width, type, right)
          let term = LowRankProduct(
            trial.operand(size.height, size.rank, type, left),
            trial.operand(size.rank, size.width, type, right))
          var sum = trial.normal([size.height, size.width], type)
          trial.engine.addProduct(a, b, plus: term, to: &sum)
          let bias = trial.normal([size.width], type)
          let name = "\(left) · \(right):"
          return [
            EngineResult(
              "\(name) with a bias",
              trial.engine.product(a, b, plus: term, bias: bias, type: type)),
            EngineResult(
              "\(name) as f32",
              trial.engine.product(a, b, plus: term, bias: nil, type: .float32)),
            EngineResult("\(name) added", sum),
          ]
        }
      }
    } + [factors(type), packedTerms(type), rowTerms(type)]
  }

  /// Terms of unequal ranks on runs of rows and columns, few rows and many, apart and on top of each other.
  private static func rowTerms(_ type: ElementType) -> EngineCheck {
    EngineCheck("low-rank terms of some rows of \(type.rawValue)") { trial in
      [
        [(0..<1, 0..<300, 1), (1..<4, 0..<300, 64), (5..<5, 0..<300, 2), (5..<13, 17..<290, 7)],
        [(0..<3, 0..<300, 5), (3..<30, 0..<300, 9), (30..<31, 290..<300, 3)],
        [(0..<3, 0..<300, 5), (2..<4, 100..<300, 8), (0..<1, 0..<300, 40)],
        [(0..<30, 0..<300, 5), (2..<4, 100..<300, 8)],
      ].enumerated().map { index, terms in
        let x = trial.normal([31, 131], type)
        var y = trial.normal([31, 300], type)
        let made = terms.map { rows, columns, rank in
          RowTerm(
            rows: rows, columns: columns, down: trial.normal([rank, 131], type),
            up: trial.normal([rank, columns.count], type), scale: 0.25)
        }
        trial.engine.add(made, of: x, to: &y)
        return EngineResult("terms \(index)", y)
      }
    }
  }

  /// `z = x Aᵀ`, `dz = dy B`, `dA = dzᵀ x` and `dB = dyᵀ z`, whose sizes are odd.
  private static func factors(_ type: ElementType) -> EngineCheck {
    EngineCheck("factors of low rank of \(type.rawValue)") { trial in
      [(75, 1), (131, 7), (131, 8), (64, 17), (300, 40), (129, 64)].flatMap { rows, rank in
        let (x, hidden) = (trial.normal([rows, 211], type), trial.normal([rows, rank], type))
        let (down, up) = (trial.normal([rank, 211], type), trial.normal([211, rank], type))
        var (a, b) = (trial.normal([rank, 211]), trial.normal([211, rank]))
        trial.engine.addProduct(
          hidden.transposed, Matrix(x), scale: 0.3, to: &a, rows: nil, columns: nil)
        trial.engine.addProduct(
          x.transposed, Matrix(hidden), scale: 2, to: &b, rows: nil, columns: nil)
        let part = Matrix(x, rows: 3..<rows, columns: 5..<190)
        let few = Matrix(hidden, rows: 3..<rows)
        return [
          EngineResult(
            "x Aᵀ", trial.engine.product(Matrix(x), down.transposed, storedAs: type)),
          EngineResult("dy B", trial.engine.product(Matrix(x), Matrix(up), storedAs: type)),
          EngineResult("dzᵀ x", a), EngineResult("dyᵀ z", b),
          EngineResult(
            "a part of dzᵀ x", trial.engine.product(few.transposed, part, storedAs: .float32)),
          EngineResult(
            "a part of dyᵀ z",
            trial.engine.product(part.transposed, few, scale: 0.5, storedAs: .float32)),
        ]
      }
    }
  }

  private static func packedTerms(_ type: ElementType) -> EngineCheck {
    let tolerance: Double? = type == .bfloat16 ? 6e-3 : nil
    return EngineCheck("packed products of \(type.rawValue) with low rank", tolerance: tolerance) {
      trial in
      [ElementType.q8_0, .q4_K].flatMap { stored in
        let weight = trial.packed([70, 512], stored)
        let (x, dy) = (trial.normal([19, 512], type), trial.normal([19, 70], type))
        let hidden = trial.normal([19, 6], type)
        let (down, up) = (trial.normal([6, 512], type), trial.normal([70, 6], type))
        var dx = trial.normal([19, 512], type)
        trial.engine.addProduct(
          Matrix(dy), Matrix(weight), plus: LowRankProduct(Matrix(hidden), Matrix(down)), to: &dx)
        return [
          EngineResult(
            "x Wᵀ + z Bᵀ of \(stored.rawValue)",
            trial.engine.product(
              Matrix(x), weight.transposed, plus: LowRankProduct(Matrix(hidden), up.transposed),
              bias: nil, type: .float32)),
          EngineResult("dx of \(stored.rawValue)", dx),
        ]
      }
    }
  }
}
