import Foundation
import LowRank

/// The work of an engine's thread: admission, the rows of each pass, and the end of sequences.
final class EngineLoop {
  private let limits: EngineLimits
  private var runner: PassRunner
  private var cache: SequenceCache
  private var order = FairOrder()
  private var waiting: [RunningSequence] = []
  private var running: [RunningSequence] = []
  private var metrics = EngineMetrics()
  private var admissions = 0

  init(_ model: Model, limits: EngineLimits, pages: Int) {
    self.limits = limits
    runner = PassRunner(model)
    cache = SequenceCache(pages: pages, engine: model.engine)
  }

  /// Works until the engine stops and nothing is left to do.
  func run(_ engine: EngineMailbox) {
    while true {
      let mail = engine.collect(waiting: running.isEmpty && waiting.isEmpty)
      for version in mail.retired { runner.uninstall(version) }
      for sequence in mail.arrivals {
        order.arrive(sequence, beside: waiting + running)
        waiting.append(sequence)
      }
      if mail.isAborting {
        for sequence in waiting + running { end(sequence, with: .failed(.stopping), engine) }
      }
      dropCancelled(engine)
      admit(engine)
      let steps = chosenRows(engine)
      if !steps.isEmpty { advance(steps, engine) }
      if running.isEmpty, waiting.isEmpty {
        order.reset()
        publish(engine)
        if mail.isStopping { return }
      }
      publish(engine)
    }
  }

  private func publish(_ engine: EngineMailbox) {
    (metrics.running, metrics.waiting) = (running.count, waiting.count)
    (metrics.pages, metrics.knownPages) = (cache.pageCount, cache.knownCount)
    metrics.usedPages = cache.pageCount - cache.available
    (metrics.foundTokens, metrics.lookedForTokens) = (cache.found, cache.lookedFor)
    engine.metrics = metrics
  }

  /// Lets go of requests that were given up.
  private func dropCancelled(_ engine: EngineMailbox) {
    for sequence in (waiting + running).filter(\.ticket.isCancelled) {
      if sequence.ticket.hasStopped {
        metrics.finished[.stop, default: 0] += 1
        metrics.whole.add((ContinuousClock.now - sequence.arrived) / .seconds(1))
      } else {
        metrics.cancelled += 1
      }
      remove(sequence, engine)
      sequence.ticket.sink.finish()
    }
  }

  /// Ends a request with its last event.
  private func end(
    _ sequence: RunningSequence, with event: GenerationEvent, _ engine: EngineMailbox
  ) {
    switch event {
    case .finished(let reason): metrics.finished[reason, default: 0] += 1
    default: metrics.failed += 1
    }
    metrics.whole.add((ContinuousClock.now - sequence.arrived) / .seconds(1))
    remove(sequence, engine)
    sequence.ticket.end(with: event)
  }

  private func remove(_ sequence: RunningSequence, _ engine: EngineMailbox) {
    if let place = waiting.firstIndex(where: { $0 === sequence }) {
      waiting.remove(at: place)
      if !sequence.wasPreempted { engine.left(sequence.request.tenant) }
    }
    if let place = running.firstIndex(where: { $0 === sequence }) {
      running.remove(at: place)
      cache.release(sequence)
    }
  }

  /// Gives pages to waiting sequences as long as there are enough.
  private func admit(_ engine: EngineMailbox) {
    while running.count < limits.sequences, let place = order.next(of: waiting) {
      let sequence = waiting[place]
      // Sequences that run go on growing.
      guard cache.admit(sequence, leaving: running.count) else { return }
      waiting.remove(at: place)
      if !sequence.wasPreempted { engine.left(sequence.request.tenant) }
      sequence.wasPreempted = false
      sequence.admission = admissions
      admissions += 1
      for part in sequence.request.mix.parts { runner.install(part.version) }
      running.append(sequence)
    }
  }

  /// Which sequences the next pass continues, and by how many tokens: all that are being continued, then prompts in the
  /// order of admission.
  private func chosenRows(_ engine: EngineMailbox) -> [PassStep] {
    var room = max(1, limits.rows - running.count { $0.pending == 1 })
    var steps: [PassStep] = []
    for sequence in running {
      guard running.contains(where: { $0 === sequence }) else { continue }
      var count = sequence.pending
      if count > 1 {
        count = min(count, room)
        room -= count
      }
      guard count > 0 else { continue }
      while !cache.extend(sequence, to: sequence.computed + count) {
        guard let last = running.last else { break }
        preempt(last)
        steps.removeAll { $0.sequence === last }
        if last === sequence { break }
      }
      if !sequence.wasPreempted { steps.append(PassStep(sequence: sequence, count: count)) }
    }
    return steps
  }

  /// Takes the pages of a sequence, which waits until there is room again.
  private func preempt(_ sequence: RunningSequence) {
    cache.release(sequence)
    running.removeAll { $0 === sequence }
    sequence.wasPreempted = true
    waiting.append(sequence)
    metrics.preemptions += 1
  }

  /// Runs the passes of all steps, and gives out what they lead to.
  private func advance(_ steps: [PassStep], _ engine: EngineMailbox) {
    for part in PassRunner.passes(of: steps) {
      let results = runner.run(part, cache: cache.tables)
      metrics.passes += 1
      for (step, result) in zip(part, results) {
        let sequence = step.sequence
        let prompt = max(
          0, min(step.count, sequence.request.prompt.count - sequence.computed))
        metrics.promptTokens += prompt
        metrics.rows += step.count
        sequence.computed += step.count
        order.count(step.count, for: sequence)
        cache.publish(sequence)
        take(result, for: sequence, engine)
      }
    }
  }

  private func take(
    _ result: PassResult, for sequence: RunningSequence, _ engine: EngineMailbox
  ) {
    switch result {
    case .nothing: break
    case .notFinite:
      end(sequence, with: .failed(.notFinite(tokens: sequence.computed)), engine)
    case .promptOnly:
      tellPrompt(sequence)
      end(sequence, with: .finished(.length), engine)
    case .token(let token, let logarithms):
      tellPrompt(sequence)
      guard !sequence.request.stops.contains(token) else {
        sequence.ticket.sink.yield(.end(token, logarithms))
        return end(sequence, with: .finished(.stop), engine)
      }
      let now = ContinuousClock.now
      if let last = sequence.lastTokenAt {
        metrics.betweenTokens.add((now - last) / .seconds(1))
      } else {
        metrics.firstToken.add((now - sequence.arrived) / .seconds(1))
      }
      sequence.lastTokenAt = now
      sequence.append(token)
      metrics.generatedTokens += 1
      sequence.request.counter?()
      sequence.ticket.sink.yield(.token(token, logarithms))
      if sequence.addedCount >= sequence.request.maxTokens {
        end(sequence, with: .finished(.length), engine)
      }
    }
  }

  private func tellPrompt(_ sequence: RunningSequence) {
    guard sequence.needsPromptLogits else { return }
    sequence.hasToldPrompt = true
    sequence.ticket.sink.yield(.prompt(sequence.promptEntries))
  }
}
