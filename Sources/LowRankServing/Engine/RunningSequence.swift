import LowRank

/// A sequence of the engine: waiting, or with pages of the cache.
final class RunningSequence {
  let request: GenerationRequest
  let ticket: GenerationTicket
  let arrival: Int
  let arrived = ContinuousClock.now
  let mixKey: String
  /// The prompt and what was added.
  private(set) var tokens: [Int32]
  /// How many tokens' keys and values are in the cache.
  var computed = 0
  /// The pages of the cache, in order.
  var pages: [Int32] = []
  /// The pages of the prefix tree that stand for the first pages.
  var nodes: [PrefixTree.Node] = []
  /// Whether a page of ``pages`` is the tree's.
  var isShared: [Bool] = []
  var random: Philox
  /// How often each token was added.
  private(set) var added: [Int32: Int] = [:]
  /// The logarithms of the prompt's tokens so far.
  var promptEntries: [LogProbabilities?]
  /// Whether the prompt's logarithms were told.
  var hasToldPrompt = false
  /// Whether it lost its pages to others and goes before all that wait.
  var wasPreempted = false
  /// When the latest token was added.
  var lastTokenAt: ContinuousClock.Instant?
  /// The number of the admission, by which later sequences give way to earlier ones.
  var admission = 0

  init(_ request: GenerationRequest, _ ticket: GenerationTicket, arrival: Int) {
    self.request = request
    self.ticket = ticket
    self.arrival = arrival
    mixKey = request.mix.key
    tokens = request.prompt
    let seed = request.rule.seed ?? UInt64.random(in: 0...UInt64.max)
    random = Philox(key: seed)
    promptEntries =
      request.promptTopCount == nil
      ? [] : [LogProbabilities?](repeating: nil, count: request.prompt.count)
  }

  /// The number of tokens that were added.
  var addedCount: Int { tokens.count - request.prompt.count }

  /// The number of tokens that no pass has read yet.
  var pending: Int { tokens.count - computed }

  /// The tokens that occurred, the prompt's included.
  var seen: Set<Int32> { Set(tokens) }

  func append(_ token: Int32) {
    tokens.append(token)
    added[token, default: 0] += 1
  }

  /// Whether all logits of the prompt have to be computed.
  var needsPromptLogits: Bool { request.promptTopCount != nil && !hasToldPrompt }
}
