import Foundation
import LowRank
import LowRankCheckpoints

/// The folder of a run: the adapter, and the states from which the run can be continued.
struct RunFolder {
  let url: URL
  private let history: StateHistory
  private let run: RunOptions
  private let lock: RunLock?
  /// Whether what lies there is this run's: the run continues it, or has written it.
  private var isOurs: Bool
  /// Whether the folder holds only files of others, which stay.
  private var holdsOthersAlone = false

  /// Refuses, before anything is computed, a folder that could not be written or would be lost.
  ///
  /// - Parameters:
  ///   - inputs: what the run reads.
  ///   - isDry: whether nothing is to be written; then a run that would be lost is only named.
  init(_ run: RunOptions, sparing inputs: [String?], isDry: Bool = false) throws {
    guard let path = run.adapterPath else { throw UsageError("--adapter-path DIR is missing") }
    url = URL(filePath: path)
    history = StateHistory(inAdapter: url)
    self.run = run
    lock = try RunLock.taken(of: url)
    try finishInterruptedSave(in: url)
    isOurs = run.resume && !history.steps.isEmpty
    if isOurs {
      try checkPublishable(folder: url, overwrite: true, continuing: true, replacing: .adapter)
      try probeWritable(url, continuing: true, replacing: .adapter)
      return
    }
    if run.resume {
      holdsOthersAlone = !OutputKind.adapter.isPresent(in: url)
      // Schedulers give --resume at the first start too.
      Console.insist(
        "note: there is nothing to resume in \(path): the run starts from the beginning")
      guard holdsOthersAlone else {
        throw UsageError(
          "\(path) holds an adapter, but no state to resume; give --overwrite instead of --resume to replace it"
        )
      }
    }
    do {
      if !run.overwrite, let held = HeldRun(history, in: path) { throw held }
      _ = try OutputFolder(
        path, flag: "--adapter-path", overwrite: run.overwrite || holdsOthersAlone,
        marker: "adapter_config.json", sparing: inputs)
    } catch  where isDry && HeldRun.isAvoided(byOverwriting: error) {
      Console.write("note: without --dry-run this stops: \(error)")
    }
  }

  /// The newest intact state, if the run is to be continued; a newer one that is damaged is skipped, with a note.
  func state() throws -> (state: TrainingState, folder: URL)? {
    guard run.resume else { return nil }
    let newest = try history.newest {
      Console.write("note: \($0.description); the state before it is used")
    }
    return newest.map { ($0, history.place(of: $0.number)) }
  }

  /// The newest step of this run before another one whose state is saved; nil if there is none.
  func newestStep(before number: Int) -> Int? {
    isOurs ? history.steps.first { $0 < number } : nil
  }

  /// The path of the state after a step, in which its adapter lies too.
  func place(ofStep number: Int) -> String {
    (run.adapterPath ?? "") + "/state/" + history.place(of: number).lastPathComponent
  }

  /// Refuses, before the first step, a disk without room for one save.
  ///
  /// - Parameter parameters: the number of trained parameters. A save writes their values three times (in the adapter,
  ///   and in the state's adapter and current values), and the optimizer's two moments of each.
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

  /// Writes adapter and state in one stroke: the adapter that is kept, and the state of the last step.
  ///
  /// If that fails, they are saved to the temporary folder, so that no step is lost.
  /// - Throws: `RescuedSave` if they were saved to the temporary folder, else what saving throws.
  mutating func save(
    _ training: Training, keeping adapter: Adapter, best: Int?, settings: JSONObject,
    metrics: MetricsLog, isFinished: Bool, besides extra: Int = 0
  ) throws {
    try RescuedSave.saving(url, hint: "continue with --adapter-path there and --resume") {
      place in
      let isOwn = place == url && isOurs
      try publishFolder(
        at: place, overwrite: run.overwrite || isOwn || holdsOthersAlone, continuing: isOwn,
        replacing: .adapter
      ) { folder in
        try adapter.write(into: folder)
        // A state needs no tokenizer: the flags of the run make it again.
        var adapter = adapter
        adapter.keepsTokenizer = false
        let kept = adapter
        try history.write(
          training, settings: settings, metrics: metrics, isFinished: isFinished,
          keeping: run.saveTotalLimit + extra, best: best, besideOlder: isOwn, into: folder
        ) { try kept.write(into: $0) }
      }
    }
    isOurs = true
  }

  /// Refuses to go on with a run under other settings.
  ///
  /// - Parameter flagsAlone: whether the new settings are those that flags determine, which are checked before model and
  ///   data are read.
  static func check(
    _ old: JSONObject, against new: JSONObject, flagsAlone: Bool = false, of run: RunOptions
  ) throws {
    var (old, new) = (old, new)
    // States of earlier versions do not have them.
    if old[Train.flagsKey] == nil { new[Train.flagsKey] = nil }
    if flagsAlone {
      let all = old
      old = JSONObject()
      for key in new.keys { old[key] = all[key] }
    }
    guard let refusal = ResumeRefusal(of: old, against: new, isCounted: !flagsAlone) else { return }
    throw UsageError(refusal.sentence(of: run.adapterPath ?? ""))
  }
}
