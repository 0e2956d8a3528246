import LowRankTensors

extension EngineCheck {
  private static let shapes: [Shape] = [[1, 1], [1, 7], [9, 1], [17, 33], [5, 768], [0, 4]]
  private static let kinds = Norm.allCases

  /// Norms of `x` in a type plus nothing or a delta of either type, stored as either type.
  static func norms(_ type: ElementType) -> [EngineCheck] {
    kinds.flatMap { kind in
      shapes.map { shape in
        EngineCheck("\(kind) norm of \(type.rawValue)\(shape)", tolerance: tolerance(type)) {
          trial in
          let x = trial.normal(shape, type, mean: 0.5)
          let weight = trial.normal([shape.columns])
          return [nil, ElementType.float32, .bfloat16].flatMap { deltaType in
            [ElementType.float32, .bfloat16].flatMap { stored in
              [false, true].flatMap { full in
                let output = trial.engine.norm(
                  kind, x, adding: deltaType.map { trial.normal(shape, $0) }, weight: weight,
                  bias: full && kind == .layer ? trial.normal([shape.columns]) : nil,
                  epsilon: 1e-3, type: stored, saving: full)
                let name = "plus \(deltaType?.rawValue ?? "nothing") as \(stored.rawValue):"
                return [
                  EngineResult("\(name) sum", output.sum),
                  EngineResult("\(name) output", output.output),
                  EngineResult("\(name) normalized", output.normalized),
                  EngineResult("\(name) inverse deviation", output.inverseDeviation),
                ]
              }
            }
          }
        }
      }
    }
  }

  /// The variance is a millionth of the mean square: it cannot be their difference in f32.
  static let normsFarFromZero = EngineCheck("norms of rows far from zero", tolerance: 2e-4) {
    trial in
    let x = trial.normal([9, 65], mean: 1000)
    let weight = trial.normal([65])
    return kinds.map { kind in
      let output = trial.engine.norm(
        kind, x, adding: nil, weight: weight, bias: nil, epsilon: 1e-5, type: .float32,
        saving: false)
      return EngineResult("\(kind)", output.output)
    }
  }

  static func normGradients(_ type: ElementType) -> [EngineCheck] {
    kinds.flatMap { kind in
      shapes.map { shape in
        EngineCheck("\(kind) norm's gradient of \(type.rawValue)\(shape)") { trial in
          let output = trial.normal(shape, type)
          let normalized = trial.normal(shape, type)
          let deviation = trial.positive([shape.rows])
          let weight = trial.normal([shape.columns])
          return [nil, ElementType.float32, .bfloat16].flatMap { deltaType in
            [false, true].flatMap { full in
              let gradient = trial.engine.normGradient(
                kind, output: output, sum: full ? trial.normal(shape) : nil, normalized: normalized,
                inverseDeviation: deviation, weight: weight, hasBias: kind == .layer,
                deltaType: deltaType, needsWeight: full)
              let name = "\(full ? "full" : "plain"), delta \(deltaType?.rawValue ?? "absent"):"
              return [
                EngineResult("\(name) sum", gradient.sum),
                EngineResult("\(name) delta", gradient.delta),
                EngineResult("\(name) weight", gradient.weight),
                EngineResult("\(name) bias", gradient.bias),
              ]
            }
          }
        }
      }
    }
  }

  /// Where `x` is bfloat16 an engine may round the sum before it normalises it, whatever it stores then.
  private static func tolerance(_ type: ElementType) -> Double? { type == .bfloat16 ? 1e-2 : nil }
}
