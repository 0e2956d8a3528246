/// A prompt with its answers, as tokens: the preferred one and the other, or one that is good or bad.
public struct PreferenceExample: Hashable, Sendable {
  /// The prompt with each answer; what is trained are the tokens of the answers that something stands before.
  public let sides: [Example]
  /// The tokens of the prompt, which all sides begin with.
  public let promptCount: Int
  /// Whether the only answer is a good one; true for pairs, whose first answer is preferred.
  public let isDesirable: Bool

  /// A pair of answers.
  public init(prompt: [Int32], chosen: [Int32], rejected: [Int32]) {
    self.init(prompt, [chosen, rejected], isDesirable: true)
  }

  /// One answer.
  public init(prompt: [Int32], answer: [Int32], isDesirable: Bool) {
    self.init(prompt, [answer], isDesirable: isDesirable)
  }

  private init(_ prompt: [Int32], _ answers: [[Int32]], isDesirable: Bool) {
    self.init(
      sides: answers.map { answer in
        let ids = prompt + answer
        return Example(ids: ids, trained: [prompt.count..<ids.count])
      }, promptCount: prompt.count, isDesirable: isDesirable)
  }

  /// Sides that begin with the same tokens.
  init(sides: [Example], promptCount: Int, isDesirable: Bool) {
    precondition(
      sides.allSatisfy { $0.ids.count >= promptCount }, "a prompt of \(promptCount) tokens")
    (self.sides, self.promptCount, self.isDesirable) = (sides, promptCount, isDesirable)
  }

  /// The tokens that the model is given: all but the last of each side.
  var inputTokens: Int { sides.reduce(0) { $0 + max(0, $1.ids.count - 1) } }

  /// The predicted tokens of the prompt with the preferred answer.
  var likelihoodTokens: Int { sides.first.map { max(0, $0.ids.count - 1) } ?? 0 }
}
