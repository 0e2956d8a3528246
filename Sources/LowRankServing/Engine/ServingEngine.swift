import Foundation
import LowRank
import Synchronization

/// Continues sequences of many requests and adapters together, on a thread of its own.
///
/// Each pass has a row for every sequence that is being continued, and parts of the prompts of those that begin. Requests
/// come and go between passes.
package final class ServingEngine: Sendable {
  /// The limits.
  package let limits: EngineLimits
  /// The number of tokens that the cache holds.
  package let cacheTokens: Int
  private let mailbox = EngineMailbox()
  private let arrivals = Atomic<Int>(0)

  /// Starts an engine on a model that predicts tokens.
  package init(_ model: Model, limits: EngineLimits) {
    self.limits = limits
    let wanted = SequenceCache.pages(for: limits.length + 1) * limits.sequences
    let affordable = limits.cacheBytes / max(1, model.cacheRowBytes * Segment.pageRows)
    let pages = max(SequenceCache.pages(for: limits.length + 1), min(wanted, affordable))
    cacheTokens = pages * Segment.pageRows
    let thread = Thread { [mailbox] in
      EngineLoop(model, limits: limits, pages: pages).run(mailbox)
      mailbox.finish()
    }
    thread.name = "lowrank engine"
    thread.stackSize = 16 << 20
    thread.start()
  }

  deinit { abort() }

  /// Takes a request; its ticket tells what becomes of it.
  ///
  /// - Throws: ``ServingError`` where it is refused.
  package func submit(_ request: GenerationRequest) throws(ServingError) -> GenerationTicket {
    try submit([request])[0]
  }

  /// Takes all of some requests of one tenant, or none of them; their tickets tell what becomes of them.
  ///
  /// - Throws: ``ServingError`` where one of them, or their number, is refused.
  package func submit(_ requests: [GenerationRequest]) throws(ServingError) -> [GenerationTicket] {
    for request in requests {
      let (tokens, overflows) = request.prompt.count.addingReportingOverflow(request.maxTokens)
      guard !overflows, tokens <= limits.length else {
        throw .tooLong(tokens: overflows ? .max : tokens, limit: limits.length)
      }
    }
    let sequences = requests.map { request in
      let number = arrivals.wrappingAdd(1, ordering: .relaxed).newValue
      return RunningSequence(request, GenerationTicket(), arrival: number)
    }
    let tickets = sequences.map(\.ticket)
    try mailbox.put(Handover(sequences), limits)
    return tickets
  }

  /// Forgets a version that nobody uses any more.
  package func retire(_ version: AdapterVersion) { mailbox.put(retired: version) }

  /// Accepts no more requests; those in progress go on.
  package func stop() { mailbox.stop(aborting: false) }

  /// Gives up all requests and ends the thread.
  package func abort() { mailbox.stop(aborting: true) }

  /// What it did and has.
  package var metrics: EngineMetrics { mailbox.metrics }
}
