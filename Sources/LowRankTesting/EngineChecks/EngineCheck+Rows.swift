import LowRankTensors

extension EngineCheck {
  static func rows(_ type: ElementType) -> [EngineCheck] {
    [(1, 1, 1), (5, 3, 7), (9, 40, 33), (64, 2, 64), (4, 0, 5)].map { count, picked, width in
      EngineCheck("\(picked) of \(count) rows of \(width) \(type.rawValue)") { trial in
        let engine = trial.engine
        let table = trial.normal([count, width], type)
        let ids = trial.integers(picked, below: count)
        let rows = trial.normal([picked, width], type)
        var results = [ElementType.float32, .bfloat16].map { stored in
          EngineResult(
            "rows as \(stored.rawValue)", engine.rows(of: table, at: ids, type: stored))
        }
        results.append(EngineResult("scattered", engine.scattered(rows, at: ids, count: count)))

        let written = min(count, picked)
        let places = trial.distinct(written, below: count)
        let new = trial.normal([written, width], type)
        var (unique, shared) = (trial.normal([count, width], type), table)
        engine.write(new, over: &unique, at: places)
        engine.write(new, over: &shared, at: places)
        return results + [
          EngineResult("written", unique), EngineResult("written over shared", shared),
          EngineResult("other handle", table), EngineResult("ids", ids),
        ]
      }
    }
  }

  static func rotary(_ type: ElementType) -> [EngineCheck] {
    [(1, 1, 2, 1), (3, 2, 6, 3), (5, 3, 10, 2), (17, 4, 64, 32), (9, 2, 33, 16), (0, 1, 4, 2)].map {
      rows, heads, size, half in
      EngineCheck(
        "rotary of \(rows)×\(heads) heads of \(size), \(2 * half) turned, \(type.rawValue)"
      ) { trial in
        let x = trial.normal([rows, heads * size], type)
        let positions = trial.integers(rows, below: 50)
        let (cosine, sine) = (trial.normal([50, half]), trial.normal([50, half]))
        return [false, true].map { inverse in
          let turned = trial.engine.rotary(
            x, headSize: size, positions: positions, cosine: cosine, sine: sine, inverse: inverse)
          return EngineResult(inverse ? "inverse" : "forward", turned)
        }
      }
    }
  }

  static func activations(_ type: ElementType) -> [EngineCheck] {
    Activation.allCases.map { f in
      EngineCheck("\(f) of \(type.rawValue)") { trial in
        let shapes: [Shape] = [[1], [3, 5], [33, 67], [0, 2]]
        var inputs = shapes.map { trial.normal($0, type, deviation: 3) }
        // Far out nothing may overflow, and near zero nothing may vanish.
        for numbers: [Float] in [
          [-32_768, -100, -20, -0.0, 0, 20, 100, 32_768], [-0x1p-130, 0x1p-66, -0x1p-13, 0x1p-13],
        ] {
          inputs.append(trial.engine.tensor(numbers, [numbers.count], type: type))
        }
        return inputs.flatMap { x in
          let (other, output) = (trial.normal(x.shape, x.type), trial.normal(x.shape, x.type))
          let plain = trial.engine.activationGradient(f, x, times: nil, output: output)
          let gated = trial.engine.activationGradient(f, x, times: other, output: output)
          return [
            EngineResult("\(x.shape)", trial.engine.activation(f, x, times: nil)),
            EngineResult("\(x.shape) gated", trial.engine.activation(f, x, times: other)),
            EngineResult("\(x.shape) gradient", plain.x),
            EngineResult("\(x.shape) absent gradient", plain.other),
            EngineResult("\(x.shape) gated gradient", gated.x),
            EngineResult("\(x.shape) gate's gradient", gated.other),
          ]
        }
      }
    }
  }
}
