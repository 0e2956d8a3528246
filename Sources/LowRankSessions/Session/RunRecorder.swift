import Foundation
import LowRank
import LowRankRuns

/// Where a run is seen while it goes: the store of runs, and TensorBoard's event files.
///
/// A run does not end because it cannot be noted: what fails is reported once, and the run continues without.
package struct RunRecorder {
  private var store: (store: RunStore, run: Int64)?
  private var events: EventFile?
  private var waiting: [(step: Int, values: [String: Double])] = []
  private var lastWrite = ContinuousClock.now
  private var lastSpectra: ContinuousClock.Instant?
  private var lastRanks: [String: Int]?

  /// Opens what the settings name.
  ///
  /// - Throws: `EventFileError` where the asked event file cannot be made.
  init(_ settings: RecordSettings, _ facts: () throws -> RunFacts) throws {
    let facts = try facts()
    if let folder = settings.tensorboard {
      events = try EventFile(
        in: URL(filePath: folder), resuming: facts.firstStep > 0 ? facts.firstStep : nil)
      events?.text("configuration", "```json\n\(facts.configuration)\n```", step: facts.firstStep)
    }
    guard let place = settings.place else { return }
    do {
      let store = try RunStore(at: place)
      self.store = (store, try store.begin(Self.continuing(facts, in: store)))
    } catch { Self.goOn(without: "the run store", error) }
  }

  /// A resumed run, linked to the run in the store that it continues.
  private static func continuing(_ facts: RunFacts, in store: RunStore) throws -> RunFacts {
    var facts = facts
    guard facts.firstStep > 0 else { return facts }
    facts.continues = try store.runs().first { $0.facts.adapter == facts.adapter }?.id
    return facts
  }

  /// Notes what a step, or the evaluation after it, found: numbers by name.
  mutating func note(_ line: JSONObject) {
    guard store != nil || events != nil, let step = line["step"]?.integer else { return }
    var values: [String: Double] = [:]
    for (key, value) in line.entries where Self.isNoted(key) { values[key] = value.double }
    if let tokens = line["input_tokens"]?.double, let seconds = line["seconds"]?.double {
      values["tokens_per_second"] = tokens / max(seconds, 1e-9)
    }
    add(values, step)
    if ContinuousClock.now - lastWrite > .milliseconds(500) { flush() }
  }

  /// Notes the norm of every module's update, and for TensorBoard its singular values: now and then, or when asked.
  ///
  /// - Parameter training: the training of an adapter; nil where a whole model is trained.
  mutating func noteUpdates(of training: Training?, at step: Int, now isDue: Bool) {
    guard store != nil || events != nil else { return }
    let isLate = lastSpectra.map { ContinuousClock.now - $0 > .seconds(5) } ?? true
    guard isDue || isLate else { return }
    var spectra: [Spectrum] = []
    if let training {
      guard let found = try? training.adapter.spectra() else { return }
      spectra = found
    }
    lastSpectra = .now
    var norms: [String: Double] = [:]
    for spectrum in spectra {
      norms["update_norm/\(spectrum.path)"] = spectrum.energy.squareRoot()
      events?.histogram("singular_values/\(spectrum.path)", spectrum.values, step: step)
    }
    norms["peak_memory_bytes"] = Double(ProcessMemory.peak)
    add(norms, step)
  }

  /// Notes the rank of every module where one has changed.
  ///
  /// - Parameter ranks: the ranks by path; nil where they do not move.
  mutating func noteRanks(_ ranks: [String: Int]?, at step: Int) {
    guard let ranks, ranks != lastRanks, store != nil || events != nil else { return }
    lastRanks = ranks
    add(
      Dictionary(uniqueKeysWithValues: ranks.map { ("rank/\($0.key)", Double($0.value)) }), step)
  }

  /// Notes the training loss that the run reports at its end, which `runs` shows.
  mutating func noteTrainingLoss(_ loss: Double, at step: Int) {
    if store != nil { waiting.append((step, [Self.trainingLoss: loss])) }
  }

  /// The name of the loss that a run reports at its end: the mean over the last tenth of its steps.
  package static let trainingLoss = "train_loss"

  /// Notes how the run ended.
  mutating func end(_ outcome: RunOutcome, _ message: String? = nil) {
    flush()
    do { try events?.close() } catch { Self.goOn(without: "its event file", error) }
    guard let (store, run) = store else { return }
    do { try store.end(run, outcome, message: message) } catch {
      Self.goOn(without: "the run store", error)
    }
    self.store = nil
  }

  private mutating func add(_ values: [String: Double], _ step: Int) {
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      events?.scalar(name, value, step: step)
    }
    if store != nil { waiting.append((step, values)) }
  }

  /// Writes what has come up since the last time.
  private mutating func flush() {
    lastWrite = .now
    do { try events?.flush() } catch {
      events = nil
      Self.goOn(without: "its event file", error)
    }
    guard let (store, run) = store else { return }
    do {
      try store.record(waiting, of: run)
    } catch {
      self.store = nil
      Self.goOn(without: "the run store", error)
    }
    waiting = []
  }

  private static func isNoted(_ key: String) -> Bool {
    [
      "loss", "penalty", "learning_rate", "gradient_norm", "accuracy", "margin", "chosen_reward",
      "rejected_reward", "kl", "total_rank",
    ].contains(key) || key.hasPrefix("valid_")
  }

  private static func goOn(without what: String, _ error: any Error) {
    Remarks.note("the run continues without \(what): \(error)")
  }
}
