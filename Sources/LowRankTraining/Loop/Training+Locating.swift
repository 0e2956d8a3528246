import LowRankTensors
import LowRankTransformers

extension Training {
  /// The error of a step with where its first number that is not finite comes up, found by computing each example of the
  /// step alone, in every process all of them; nothing is changed.
  ///
  /// - Parameter shared: the sums over each micro-batch that its losses depend on.
  func located(
    _ error: TrainingError, in step: StepExamples, shared: [[Double]]
  ) -> TrainingError {
    switch error {
    case .nonFiniteLoss(let number, nil): .nonFiniteLoss(step: number, origin(in: step, shared))
    case .nonFiniteGradient(let number, let module, nil):
      .nonFiniteGradient(step: number, module: module, origin(in: step, shared))
    default: error
    }
  }

  private func origin(in step: StepExamples, _ shared: [[Double]]) -> NonFiniteOrigin? {
    var origin = NonFiniteOrigin(module: nil, source: loader.set.source, rows: [])
    for part in step.share(of: 0, among: 1, atOnce: 1) {
      let observer = FiniteObserver()
      var sum = GradientSum()
      accumulate(part, into: &sum, shared: shared, observers: [observer])
      let engine = trainable.model.engine
      let isFinite =
        sum.loss.isFinite
        && sum.gradients.values.allSatisfy { engine.sumOfSquares($0).isFinite }
      guard !isFinite || observer.first != nil else { continue }
      origin.module = origin.module ?? observer.first
      origin.rows += part.examples.flatMap { loader.set.rows(of: $0) }
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
