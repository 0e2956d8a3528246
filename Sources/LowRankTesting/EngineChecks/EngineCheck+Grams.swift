import LowRankTensors

extension EngineCheck {
  static func grams(_ type: ElementType) -> [EngineCheck] {
    [(1, 1), (5, 3), (33, 19), (70, 130), (0, 4)].map { height, width in
      EngineCheck("sums of \(height) outer products of \(width) in \(type.rawValue)") { trial in
        [Layout.whole, .sliced].map { layout in
          let given = trial.operand(height, width, type, layout)
          let x = Matrix(
            trial.engine.summable(given.tensor), rows: given.rows, columns: given.columns)
          var sum = trial.normal([width + 3, width])
          trial.engine.addGram(x, scale: 0.7, to: &sum, rows: 2..<2 + width)
          // Below the diagonal is whatever the engine leaves there.
          var numbers = trial.engine.doubles(sum)
          for row in 0..<width {
            for column in 0..<row { numbers[(row + 2) * width + column] = 0 }
          }
          return EngineResult("\(layout)", trial.engine.tensor(numbers, sum.shape))
        }
      }
    }
  }
}
