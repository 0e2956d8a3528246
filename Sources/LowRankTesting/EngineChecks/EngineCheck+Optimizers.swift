import LowRankTensors

extension EngineCheck {
  static let optimizers: [EngineCheck] = [[1], [7], [17, 33], [0, 4]].map { (shape: Shape) in
    EngineCheck("AdamW of \(shape)") { trial in
      let original = trial.normal(shape)
      var (value, first, second) = (
        original, trial.engine.zeros(shape, type: .float32),
        trial.engine.zeros(shape, type: .float32)
      )
      var results = [EngineResult("value before", original)]
      var decayed: Float = 1
      for _ in 0..<3 {
        decayed *= 0.5
        let step = AdamWStep(
          rate: 0.01, beta1: 0.5, beta2: 0.5, epsilon: 1e-6, weightDecay: 0.1,
          correction1: 1 - decayed, correction2: 1 - decayed, gradientScale: 0.25)
        trial.engine.adamW(
          step, gradient: trial.normal(shape), value: &value, first: &first, second: &second)
        // The result keeps a handle, so that the next step must leave this moment alone.
        results.append(EngineResult("first moment after a step", first))
      }
      return results + [
        EngineResult("value", value), EngineResult("second moment", second),
      ]
    }
  }
}
