/// How probable a model finds the answers of an example.
struct RowScores: Hashable, Sendable {
  var answers: [AnswerScore]
  /// The log-probability of the prompt; 0 where it is not wanted.
  var prompt = 0.0
  /// The gain of an answer to another prompt; 0 where it is not wanted.
  var mismatchedGain = 0.0
}

extension PreferenceObjective {
  /// The loss of an example, whose rewards are added to the measures.
  func loss(
    of example: PreferenceExample, _ scores: RowScores, _ facts: MicrobatchFacts,
    _ measures: inout PreferenceMeasures
  ) -> PreferenceLoss {
    guard isPaired else {
      let result = loss(of: scores.answers[0], isDesirable: example.isDesirable, facts)
      measures.add(
        reward: result.rewards[0], isDesirable: example.isDesirable,
        divergence: facts.divergence, beta: beta)
      return result
    }
    let result = loss(
      chosen: scores.answers[0], rejected: scores.answers[1],
      promptLogProbability: scores.prompt, facts)
    measures.add(chosen: result.rewards[0], rejected: result.rewards[1])
    return result
  }
}
