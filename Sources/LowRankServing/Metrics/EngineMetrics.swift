/// What an engine did so far, and what it has now.
package struct EngineMetrics: Sendable {
  /// Tokens of prompts that passes read.
  package var promptTokens = 0
  /// Tokens that were added.
  package var generatedTokens = 0
  /// Passes.
  package var passes = 0
  /// Rows of all passes.
  package var rows = 0
  /// Requests that ended, by the reason.
  package var finished: [FinishReason: Int] = [:]
  /// Requests that were given up.
  package var cancelled = 0
  /// Requests that failed.
  package var failed = 0
  /// Sequences that lost their pages to others.
  package var preemptions = 0
  /// Sequences that are continued.
  package var running = 0
  /// Requests that wait.
  package var waiting = 0
  /// Pages of the cache: all, those in use, and those that hold known prefixes.
  package var pages = 0
  package var usedPages = 0
  package var knownPages = 0
  /// Tokens that were found in the cache, and tokens that were looked for.
  package var foundTokens = 0
  package var lookedForTokens = 0
  /// From the arrival of a request to its first token.
  package var firstToken = Histogram()
  /// From a token to the next one of its sequence.
  package var betweenTokens = Histogram()
  /// From the arrival of a request to its end.
  package var whole = Histogram()
}
