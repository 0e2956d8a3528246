import LowRankTensors

extension EngineCheck {
  static func heads(_ type: ElementType) -> [EngineCheck] {
    let sizes = [
      (1, 1, 1), (2, 5, 3), (7, 16, 33), (3, 24, 257), (600, 8, 50), (2, 3, 9_001), (0, 4, 5),
      (40, 64, 9_001),
    ]
    return sizes.flatMap { rows, width, vocabulary in
      [Layout.whole, .transposed, .sliced].map { layout in
        EngineCheck(
          "head of \(vocabulary)×\(width), \(layout), for \(type.rawValue)[\(rows), \(width)]",
          tolerance: type == .bfloat16 ? 1e-2 : 1e-5
        ) { trial in
          let hidden = trial.normal([rows, width], type)
          let weight = trial.operand(vocabulary, width, type, layout)
          let labels = trial.integers(rows, below: vocabulary)
          let scales = trial.normal([rows])
          return [nil, trial.normal([vocabulary])].flatMap { bias in
            [[], .hidden, .weight, [.hidden, .weight]].flatMap { (gradients: HeadGradients) in
              [Float(0), 0.1].flatMap { smoothing in
                [nil, scales].flatMap { scales in
                  results(
                    trial.engine.headLoss(
                      hidden: hidden, weight: weight, bias: bias, labels: labels, scales: scales,
                      smoothing: smoothing, gradients: gradients),
                    """
                    \(bias == nil ? "no bias" : "bias"), gradients \(gradients.rawValue), \
                    smoothing \(smoothing), \(scales == nil ? "no scales" : "scales"):
                    """)
                }
              }
            }
          }
        }
      }
    } + [
      EngineCheck("head of \(type.rawValue) with large logits in several blocks", tolerance: 1e-2) {
        trial in
        results(
          trial.engine.headLoss(
            hidden: trial.whole([11, 16], type, limit: 100),
            weight: Matrix(trial.whole([20_000, 16], type, limit: 100)), bias: nil,
            labels: trial.integers(11, below: 20_000), smoothing: 0, gradients: .hidden),
          "logits of 100,000:")
      },
      EngineCheck("head of \(type.rawValue) with large logits", tolerance: 1e-2) { trial in
        let weight = Matrix(trial.whole([37, 16], type, limit: 100))
        return results(
          trial.engine.headLoss(
            hidden: trial.whole([11, 16], type, limit: 100), weight: weight, bias: nil,
            labels: trial.integers(11, below: 37), smoothing: 0, gradients: [.hidden, .weight]),
          "logits of 100,000:")
      },
    ]
  }

  private static func results(_ loss: HeadLoss, _ name: String) -> [EngineResult] {
    [
      EngineResult("\(name) losses", loss.losses),
      EngineResult("\(name) hidden gradient", loss.hidden),
      EngineResult("\(name) weight gradient", loss.weight),
      EngineResult("\(name) bias gradient", loss.bias),
    ]
  }
}
