/// How the next token of a request is chosen.
public struct SamplingRule: Hashable, Sendable {
  /// What logits are divided by; 0 takes the greatest.
  public var temperature: Float = 1
  /// How many of the likeliest tokens are kept; all where nil.
  public var topK: Int?
  /// The likeliest tokens are kept until their probabilities add up to this.
  public var topP: Float = 1
  /// Tokens less likely than this share of the likeliest one's probability are left out.
  public var minP: Float = 0
  /// What is subtracted from the logit of each token that was added before.
  public var presencePenalty: Float = 0
  /// What is subtracted from a logit for each time that the token was added before.
  public var frequencyPenalty: Float = 0
  /// What positive logits of tokens that occurred before, the prompt included, are divided by, and negative ones multiplied.
  public var repetitionPenalty: Float = 1
  /// What is added to the logits of some tokens.
  public var logitBias: [Int32: Float] = [:]
  /// What the random numbers follow from; nil for numbers that differ every time.
  public var seed: UInt64?

  /// A rule that samples from the whole distribution.
  public init() {}

  /// The token of greatest logit.
  public static let greedy: SamplingRule = {
    var rule = SamplingRule()
    rule.temperature = 0
    return rule
  }()

  /// Whether logits are changed before a token is chosen.
  var changesLogits: Bool {
    presencePenalty != 0 || frequencyPenalty != 0 || repetitionPenalty != 1 || !logitBias.isEmpty
  }
}
