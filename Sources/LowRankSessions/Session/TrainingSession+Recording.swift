import Foundation
import LowRank
import LowRankRuns

extension TrainingSession {
  /// What the run store says of the run.
  func runFacts(of folder: RunFolder) -> RunFacts {
    var configuration = identity
    // The adapter's own configuration says the same.
    configuration[RunSettings.flagsKey] = nil
    configuration[RowSettings.key] = nil
    configuration[RunSettings.settingsKey] = .object(settings.defining)
    configuration["eval_every"] = settings.evalEvery.map { .integer($0) } ?? .null
    configuration["save_every"] = settings.saveEvery.map { .integer($0) } ?? .null
    if let facts = task.facts, facts["task"] == nil {
      for (key, value) in facts.entries { configuration[key] = configuration[key] ?? value }
    }
    return RunFacts(
      adapter: folder.url.standardizedFileURL.path,
      task: settings.objective.objective ?? settings.task,
      base: settings.model.model ?? settings.config ?? "",
      baseFingerprint: identity["base"]?.string,
      data: settings.data.data ?? settings.splits.trainFile ?? "",
      dataHash: identity["data"]?.string ?? "",
      configuration: JSONValue.object(configuration).text(),
      versions: JSONValue.object(["lowrank": .string(AdapterFacts.version)]).text(),
      steps: training.steps, firstStep: training.number)
  }

  /// Notes the updates of an adapter: now and then, or when asked.
  func noteUpdates(now isDue: Bool) {
    recorder?.noteUpdates(
      of: settings.subject == .adapter ? training : nil, at: training.number, now: isDue)
  }

  /// Records the run in a temporary store, so that a limit is compared with what the run will hold; nil if it is not recorded.
  func rehearseRecording() throws -> (RunRecorder, ScratchFolder)? {
    guard let folder, settings.records.place != nil, settings.plan.memoryLimit != nil else {
      return nil
    }
    let scratch = try ScratchFolder.made(for: "plan")
    var records = settings.records
    (records.store, records.tensorboard) = (scratch.url.appending(path: "runs.sqlite").path, nil)
    recorder = try RunRecorder(records) { runFacts(of: folder) }
    defer { recorder = nil }
    noteUpdates(now: true)
    return recorder.map { ($0, scratch) }
  }
}
