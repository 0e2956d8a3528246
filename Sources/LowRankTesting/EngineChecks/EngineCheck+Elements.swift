import LowRankTensors

extension EngineCheck {
  private static let shapes: [Shape] = [
    [1], [7], [3, 1], [1, 5], [17, 33], [2, 3, 35], [0, 4],
  ]

  static func elements(_ type: ElementType) -> [EngineCheck] {
    shapes.map { shape in
      EngineCheck("elements of \(type.rawValue)\(shape)") { trial in
        let engine = trial.engine
        let (a, b) = (trial.normal(shape, type), trial.normal(shape, type))
        let divisor = trial.positive(shape, type)
        var results = [
          EngineResult("sum", engine.sum(a, b)), EngineResult("product", engine.multiply(a, b)),
          EngineResult("quotient", engine.quotient(a, divisor)),
          EngineResult("multiple", engine.scaled(a, by: -1.7)),
          EngineResult("sum of squares", engine.tensor([engine.sumOfSquares(a)], [])),
        ]
        for other in [ElementType.float32, .bfloat16] {
          var unique = trial.normal(shape, type)
          var shared = a
          let addend = trial.normal(shape, other)
          engine.add(addend, scale: 0.3, to: &unique)
          engine.add(addend, scale: 1, to: &unique)
          engine.add(addend, scale: 1, to: &shared)
          results += [
            EngineResult("in place", unique), EngineResult("shared", shared),
            EngineResult("other handle", a),
          ]
        }
        return results
      }
    } + [
      EngineCheck("a row of \(type.rawValue) added to in place") { trial in
        // The only handle left is one that does not begin where its memory does.
        var row = trial.normal([4, 5], type).viewed(rows: 2..<3)
        trial.engine.add(trial.normal([1, 5], type), scale: 1, to: &row)
        var doubled = trial.normal([3, 5], type)
        trial.engine.add(doubled, scale: 1, to: &doubled)
        return [EngineResult("row", row), EngineResult("doubled", doubled)]
      }
    ]
  }

  static func columns(_ type: ElementType) -> [EngineCheck] {
    [[1, 1], [1, 7], [9, 1], [17, 33], [130, 64], [0, 3]].map { (shape: Shape) in
      EngineCheck("rows and columns of \(type.rawValue)\(shape)") { trial in
        let engine = trial.engine
        let (a, b) = (trial.normal(shape, type), trial.normal(shape, type))
        let width = shape.columns
        var results = [
          EngineResult("scaled columns", engine.scaledColumns(a, by: trial.normal([width]))),
          EngineResult("scaled rows", engine.scaledRows(a, by: trial.normal([shape.rows]))),
          EngineResult("column sums", engine.columnSums(a)),
          EngineResult("column sums of products", engine.columnSums(a, times: b)),
          EngineResult("row norms", engine.rowNorms(a)),
          EngineResult("transpose", engine.transposed(a)),
          EngineResult("view", engine.columnSums(a.viewed(rows: 0..<(shape.rows + 1) / 2))),
        ]
        for range in [0..<width, width / 3..<(2 * width + 2) / 3, width..<width] {
          results.append(EngineResult("columns \(range)", engine.columns(range, of: a)))
          for other in [ElementType.float32, .bfloat16] {
            var (unique, shared) = (trial.normal(shape, type), a)
            let addend = trial.normal([shape.rows, range.count], other)
            engine.add(addend, toColumns: range, of: &unique)
            engine.add(addend, toColumns: range, of: &shared)
            results += [
              EngineResult("\(other.rawValue) added to columns \(range)", unique),
              EngineResult("\(other.rawValue) added to shared columns \(range)", shared),
              EngineResult("other handle", a),
            ]
          }
        }
        return results
      }
    }
  }

  static func dropouts(_ type: ElementType) -> [EngineCheck] {
    [0, 0.1, 0.5, 0.9].map { (probability: Float) in
      EngineCheck("dropout of \(probability) of \(type.rawValue)") { trial in
        shapes.flatMap { shape in
          [0, 8, 1_000_003].map { first in
            let dropped = trial.engine.dropout(
              trial.positive(shape, type), probability: probability, key: 0x1234_5678_9ABC_DEF0,
              first: first)
            return EngineResult("\(shape) from \(first)", dropped)
          }
        }
      }
    }
  }
}
