import LowRankTensors
import LowRankTransformers

extension Training {
  /// The error of a step with where its first number that is not finite comes up, found by computing each example of the
  /// step alone; nothing is changed.
  func located(_ error: TrainingError, in parts: [[Int]]) -> TrainingError {
    switch error {
    case .nonFiniteLoss(let step, nil): .nonFiniteLoss(step: step, origin(in: parts))
    case .nonFiniteGradient(let step, let module, nil):
      .nonFiniteGradient(step: step, module: module, origin(in: parts))
    default: error
    }
  }

  private func origin(in parts: [[Int]]) -> NonFiniteOrigin? {
    var origin = NonFiniteOrigin(module: nil, source: loader.set.source, rows: [])
    for (microbatch, examples) in parts.enumerated() {
      for example in examples {
        let observer = FiniteObserver()
        let batch = loader.set.batch(at: [example])
        var sum = GradientSum()
        accumulate(batch, microbatch: microbatch, into: &sum, observers: [observer])
        let engine = trainee.model.engine
        let isFinite =
          sum.loss.isFinite
          && sum.gradients.values.allSatisfy { engine.sumOfSquares($0).isFinite }
        guard !isFinite || observer.first != nil else { continue }
        origin.module = origin.module ?? observer.first
        origin.rows += loader.set.rows(of: example)
      }
    }
    return origin.rows.isEmpty ? nil : origin
  }
}

/// Remembers the first linear map that is given, or handed back, a number that is not finite.
private final class FiniteObserver: LinearObserver {
  private(set) var first: String?

  func observe(_ path: String, input: Tensor, on engine: any Engine) {
    look(at: input, path, engine)
  }

  func observe(_ path: String, input: Tensor, outputGradient: Tensor, on engine: any Engine) {
    look(at: outputGradient, path, engine)
  }

  private func look(at tensor: Tensor, _ path: String, _ engine: any Engine) {
    if first == nil, !engine.sumOfSquares(tensor).isFinite { first = path }
  }
}
