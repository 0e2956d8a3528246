import Foundation
import LowRank
import LowRankCheckpoints

/// The folder of a run: what it trains, and the states from which it can be continued.
struct RunFolder {
  let url: URL
  private let path: String
  private let history: StateHistory
  let settings: RunSettings
  private let lock: RunLock?
  /// Whether what lies there is this run's: the run continues it, or has written it.
  private var isOurs: Bool
  /// Whether the folder holds only files of others, which stay.
  private var holdsOthersAlone = false

  /// Refuses, before anything is computed, a folder that could not be written or would be lost.
  init(_ settings: RunSettings) throws {
    guard let path = settings.output else { throw SettingsError("\(.output) DIR is missing") }
    self.path = path
    url = URL(filePath: path)
    history = StateHistory(inAdapter: url)
    self.settings = settings
    lock = try RunLock.taken(of: url)
    try finishInterruptedSave(in: url)
    isOurs = settings.resume && !history.steps.isEmpty
    let kind = settings.subject.kind
    if isOurs {
      try checkPublishable(folder: url, overwrite: true, continuing: true, replacing: kind)
      try probeWritable(url, continuing: true, replacing: kind)
      return
    }
    if settings.resume {
      holdsOthersAlone = !kind.isPresent(in: url)
      // Schedulers ask to resume at the first start too.
      Remarks.insist(
        "there is nothing to resume in \(path): the run starts from the beginning", .note)
      guard holdsOthersAlone else {
        throw SettingsError(
          "\(path) holds \(settings.subject.article) \(settings.subject.rawValue), but no state to resume; give \(.overwrite) instead of \(.resume) to replace it"
        )
      }
    }
    do {
      if !settings.overwrite, let held = HeldRun(history, in: path) { throw held }
      _ = try OutputFolder(
        path, name: "\(.output)", overwrite: settings.overwrite || holdsOthersAlone,
        marker: settings.subject.marker, sparing: settings.inputs)
    } catch  where settings.plan.dryRun && HeldRun.isAvoided(byOverwriting: error) {
      let reason = (error as? any KeyedError)?.text ?? KeyedText("\(error)" as String)
      Remarks.note("without \(.dryRun) this stops: \(reason)")
    }
  }

  /// The newest intact state, if the run is to be continued; a newer one that is damaged is skipped, with a note.
  func state() throws -> (state: TrainingState, folder: URL)? {
    guard settings.resume else { return nil }
    let newest = try history.newest {
      Remarks.note("\($0.description); the state before it is used")
    }
    return newest.map { ($0, history.place(of: $0.number)) }
  }

  /// The newest step of this run before another one whose state is saved; nil if there is none.
  func newestStep(before number: Int) -> Int? {
    isOurs ? history.steps.first { $0 < number } : nil
  }

  /// The path of the state after a step, in which its adapter lies too.
  func place(ofStep number: Int) -> String {
    path + "/state/" + history.place(of: number).lastPathComponent
  }

  /// Refuses, before the first step, a disk without room for one save.
  ///
  /// - Parameter parameters: the number of trained parameters. A save writes their values three times (in what is kept,
  ///   and in the state's copy of it and current values), and the optimizer's two moments of each.
  /// - Throws: `FileError`.
  func checkSpace(for parameters: Int) throws {
    let needed = 5 * MemoryLayout<Float>.size * parameters
    guard let free = freeBytes(at: url), free < needed else { return }
    func text(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
    throw FileError(
      "write", url.relativePath,
      reason:
        "a save takes at least \(text(needed)), and its disk has \(text(free)) left: make room, or choose another place"
    )
  }

  /// Writes the result and the state of the last step in one stroke.
  ///
  /// If that fails, they are saved to the temporary folder, so that no step is lost.
  /// - Parameter kept: the values that are the result.
  /// - Throws: `RescuedSave` if they were saved to the temporary folder, else what saving throws.
  mutating func save(
    _ training: Training, keeping kept: TrainedValues, best: Int?, identity: JSONObject,
    metrics: MetricsLog, isFinished: Bool, besides extra: Int = 0
  ) throws {
    var facts = identity
    facts[RunSettings.settingsKey] = .object(settings.defining)
    try RescuedSave.saving(url, hint: "continue with \(.output) there and \(.resume)") {
      place in
      let isOwn = place == url && isOurs
      let marker = settings.subject.marker
      let isLast = best.map { $0 == 0 || $0 == training.number } ?? true
      try publishFolder(
        at: place, overwrite: settings.overwrite || isOwn || holdsOthersAlone, continuing: isOwn,
        replacing: settings.subject.kind
      ) { folder in
        try kept.write(into: folder)
        let result = try FolderManifest(of: folder) {
          $0.hasSuffix(".safetensors") || $0 == marker || $0 == "lowrank.json"
        }
        try history.write(
          training, settings: facts, metrics: metrics, isFinished: isFinished,
          keeping: settings.saveTotalLimit + extra, best: best, besideOlder: isOwn,
          result: result.files, into: folder
        ) { try kept.writeForState(into: $0, isLast: isLast) }
      }
    }
    isOurs = true
  }

  /// Refuses to go on with a run under other settings.
  ///
  /// - Parameter settingsAlone: whether the new identity is the part that settings determine, which is checked before model
  ///   and data are read.
  static func check(
    _ old: JSONObject, against new: JSONObject, settingsAlone: Bool = false,
    of settings: RunSettings
  ) throws {
    var (old, new) = (old, new)
    // States of earlier versions do not have them.
    for key in [RunSettings.flagsKey, RunSettings.evaluationKey] where old[key] == nil {
      new[key] = nil
    }
    old[RunSettings.settingsKey] = nil
    RowSettings.align(&old, &new)
    if settingsAlone {
      let all = old
      old = JSONObject()
      for key in new.keys { old[key] = all[key] }
    }
    guard
      let refusal = ResumeRefusal(
        of: old, against: new, settings.subject, isCounted: !settingsAlone)
    else { return }
    throw SettingsError(refusal.sentence(of: settings.output ?? ""))
  }
}

extension RunSettings {
  /// What the run reads, none of which may lie in its folder.
  fileprivate var inputs: [String?] {
    [
      model.model, config, tokenizer, data.data, splits.trainFile, splits.validFile, initAdapter,
    ]
  }
}

extension RunSettings.Subject {
  /// The files that the folder of a run holds.
  var kind: OutputKind { self == .adapter ? .adapter : .model }
  /// The file by which such a folder is known.
  var marker: String { self == .adapter ? "adapter_config.json" : "config.json" }
  /// The article before its name.
  var article: String { self == .adapter ? "an" : "a" }
}
