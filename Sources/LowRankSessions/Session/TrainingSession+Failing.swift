import LowRank

extension TrainingSession {
  /// Does what may fail without harm to what was reached, and keeps that if it does.
  func keepingState<Result>(_ work: () throws -> Result) throws -> Result {
    do { return try work() } catch {
      if training.number > 0 {
        let hasDiverged = (error as? TrainingError)?.isNotFinite == true
        let good = folder?.newestStep(before: training.number)
        // One state more, so that the last good one stays.
        try save(isFinished: false, besides: hasDiverged ? 1 : 0)
        let advice: KeyedText =
          hasDiverged
          ? wayBack(
            to: good,
            isEvaluation: error as? TrainingError == .nonFiniteEvaluation(step: training.number))
          : "continue with \(.resume)"
        Remarks.insist("the state after step \(training.number) is kept; \(advice)")
      }
      throw error
    }
  }

  /// What to do after a step without finite numbers, which a resumed run would only take again.
  ///
  /// - Parameters:
  ///   - good: the last step whose state was saved and whose next step had finite numbers.
  ///   - isEvaluation: whether numbers were not finite in an evaluation.
  private func wayBack(to good: Int?, isEvaluation: Bool) -> KeyedText {
    let start: KeyedText =
      isEvaluation
      ? "\(.resume) would only repeat this evaluation."
      : "\(.resume) would only repeat step \(training.number + 1)."
    let rate: KeyedText = "a lower \(.learningRate) than \(settings.steps.learningRate)"
    guard let good, let folder else {
      return
        "\(start) There is no earlier state: begin again with \(rate); \(.saveEvery) keeps states on the way"
    }
    let place = folder.place(ofStep: good)
    guard settings.subject == .adapter else {
      return "\(start) The last good state is that of step \(good): begin again with \(rate)"
    }
    return
      "\(start) The last good state is that of step \(good): train it further with \(.initAdapter) \(place), another \(.output) and \(rate)"
  }
}
