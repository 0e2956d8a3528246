/// How probable a model, and its reference, find an answer.
struct AnswerScore: Hashable, Sendable {
  /// The sum of the log-probabilities of the answer's tokens.
  var logProbability: Double
  /// The same under the reference; 0 where there is none.
  var reference = 0.0
  /// The tokens that are predicted.
  var tokens: Int
  /// The tokens of the answer: one more than are predicted where nothing stands before it.
  var length: Int

  /// How much more probable the answer became, as a logarithm.
  var gain: Double { logProbability - reference }

  /// The mean log-probability of a token.
  var mean: Double { logProbability / Double(max(1, tokens)) }

  /// The mean gain of a token, over all tokens of the answer, as TRL has it.
  var meanGain: Double { gain / Double(max(1, length)) }
}
