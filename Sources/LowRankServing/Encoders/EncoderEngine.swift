import Foundation
import LowRank
import Synchronization

/// Reads whole texts: vectors of encoders and classes of classifiers, requests of one adapter together.
final class EncoderEngine: Sendable {
  /// A sequence to be read.
  struct Input: Sendable {
    let ids: [Int32]
    let kinds: [Int32]
  }

  private struct Job: Sendable {
    let inputs: [Input]
    let version: AdapterVersion?
    let done: @Sendable ([[Float]]) -> Void
  }

  /// What is made of sequences.
  enum Task: Sendable {
    /// Vectors.
    case embeddings(Pooling)
    /// A number for each class.
    case classification
  }

  let task: Task
  /// The longest sequence.
  let longest: Int
  private let base: Model
  private let rows: Int
  private let waitingLimit: Int
  private let worker = SerialWorker(name: "lowrank encoder")
  private let waiting = Mutex<[Job]>([])

  init(_ model: Model, _ task: Task, limits: EngineLimits) {
    (base, self.task) = (model, task)
    longest = min(limits.length, model.architecture.positionLimit ?? model.architecture.positions)
    rows = max(limits.rows, longest)
    waitingLimit = limits.waiting
  }

  /// Ends the thread.
  func stop() { worker.stop() }

  /// The result for each sequence, in order.
  ///
  /// - Throws: ``ServingError`` where too many requests wait.
  func results(of inputs: [Input], _ version: AdapterVersion?) async throws -> [[Float]] {
    guard waiting.withLock({ $0.count < waitingLimit }) else { throw ServingError.queueFull }
    let results = ResultBox()
    waiting.withLock { waiting in
      waiting.append(Job(inputs: inputs, version: version) { results.set($0) })
    }
    try await worker.result { self.work() }
    guard let found = results.value else { throw ServingError.stopping }
    guard found.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw ServingError.notFinite(tokens: inputs.map(\.ids.count).max() ?? 0)
    }
    return found
  }

  private final class ResultBox: Sendable {
    private let kept = Mutex<[[Float]]?>(nil)

    var value: [[Float]]? { kept.withLock { $0 } }
    func set(_ value: [[Float]]) { kept.withLock { $0 = value } }
  }

  /// Does all jobs that wait, those of one adapter in common passes.
  private func work() {
    let jobs = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    var groups: [(version: AdapterVersion?, jobs: [Job])] = []
    for job in jobs {
      if let place = groups.firstIndex(where: { $0.version === job.version }) {
        groups[place].jobs.append(job)
      } else {
        groups.append((job.version, [job]))
      }
    }
    for group in groups {
      let inputs = group.jobs.flatMap(\.inputs)
      var results: [[Float]] = []
      var start = 0
      while start < inputs.count {
        var (end, count) = (start, 0)
        while end < inputs.count, end == start || count + inputs[end].ids.count <= rows {
          count += inputs[end].ids.count
          end += 1
        }
        results += read(Array(inputs[start..<end]), group.version)
        start = end
      }
      var taken = 0
      for job in group.jobs {
        job.done(Array(results[taken..<taken + job.inputs.count]))
        taken += job.inputs.count
      }
    }
  }

  private func read(_ inputs: [Input], _ version: AdapterVersion?) -> [[Float]] {
    var (model, selection) = (base, AdapterSelection.none)
    if case .alone(let own, let ownSelection, _) = version?.use {
      (model, selection) = (own, ownSelection)
    }
    switch task {
    case .embeddings(let pooling):
      return model.embeddings(
        of: inputs.map { ($0.ids, $0.kinds) }, pooling: pooling, adapters: selection)
    case .classification:
      guard let classifier = model.classifier else { return [] }
      let ids = inputs.flatMap(\.ids)
      let packed = PackedRows(
        lengths: inputs.map(\.ids.count), tokenTypeIDs: inputs.flatMap(\.kinds))
      let logits = model.engine.floats(
        classifier.logits(
          model.engine.tensor(ids, [ids.count]), model.pass(packed, adapters: selection)))
      let width = logits.count / inputs.count
      return inputs.indices.map { Array(logits[$0 * width..<($0 + 1) * width]) }
    }
  }
}
