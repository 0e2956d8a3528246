import Synchronization

/// A sequence to be continued.
package struct GenerationRequest: Sendable {
  /// The tokens that it begins with, at least one.
  package var prompt: [Int32]
  /// The adapters.
  package var mix = AdapterMix.base
  /// What keeps the adapters in memory.
  package var leases: [AdapterLease] = []
  /// Who asks, for fairness.
  package var tenant = ""
  /// How tokens are chosen.
  package var rule = SamplingRule.greedy
  /// The most tokens that are added; with 0 only the prompt is read.
  package var maxTokens = 16
  /// Tokens that end the sequence; they are not part of it.
  package var stops: Set<Int32> = []
  /// How many of the likeliest tokens are told beside each token that is added; nil for no logarithms at all.
  package var topCount: Int?
  /// The same for the tokens of the prompt.
  package var promptTopCount: Int?

  /// Told of each token that is added, before its event.
  package var counter: (@Sendable () -> Void)?

  /// A greedy request for a prompt.
  package init(prompt: [Int32], maxTokens: Int = 16) {
    (self.prompt, self.maxTokens) = (prompt, maxTokens)
  }
}

/// What becomes of a request.
package enum GenerationEvent: Sendable {
  /// The logarithms of the prompt's tokens, nil for the first; comes before any token.
  case prompt([LogProbabilities?])
  /// A token was added.
  case token(Int32, LogProbabilities?)
  /// A token that ends the sequence, and is no part of it; comes before the last event.
  case end(Int32, LogProbabilities?)
  /// The last event.
  case finished(FinishReason)
  /// The last event of a request that cannot be answered.
  case failed(ServingError)
}

/// A request in progress.
package final class GenerationTicket: Sendable {
  /// What becomes of it; ends behind the last event.
  package let events: AsyncStream<GenerationEvent>
  let sink: AsyncStream<GenerationEvent>.Continuation
  private let isOver = Atomic<Bool>(false)
  private let isAnswered = Atomic<Bool>(false)
  private let endTime = Mutex<ContinuousClock.Instant?>(nil)

  init() { (events, sink) = AsyncStream.makeStream() }

  /// Gives the request up; what it holds is free again before the engine's next pass.
  package func cancel() { isOver.store(true, ordering: .relaxed) }

  /// Ends the request as answered, since its text has come to a stop.
  package func finish() {
    isAnswered.store(true, ordering: .relaxed)
    cancel()
  }

  /// Whether the request ended by a stop in its text.
  var hasStopped: Bool { isAnswered.load(ordering: .relaxed) }

  /// When the last event came; nil before.
  package var ended: ContinuousClock.Instant? { endTime.withLock { $0 } }

  /// Passes the last event on.
  func end(with event: GenerationEvent) {
    endTime.withLock { $0 = ContinuousClock.now }
    sink.yield(event)
    sink.finish()
  }

  var isCancelled: Bool { isOver.load(ordering: .relaxed) }
}
