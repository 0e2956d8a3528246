import Foundation
import LowRank

/// The folder of a run: the adapter, and the states that the run can be gone on from.
struct RunFolder {
  let url: URL
  private let history: StateHistory
  private let run: RunOptions
  private let lock: RunLock
  /// Whether what lies there is this run's: it goes on with it, or has written it.
  private var isOurs: Bool

  /// Refuses, before anything is computed, a folder that could not be written or would be lost.
  ///
  /// - Parameter inputs: what the run reads.
  init(_ run: RunOptions, sparing inputs: [String?]) throws {
    guard let path = run.adapterPath else { throw UsageError("--adapter-path DIR is missing") }
    url = URL(filePath: path)
    history = StateHistory(inAdapter: url)
    self.run = run
    lock = try RunLock.taken(of: url)
    isOurs = run.resume && !history.steps.isEmpty
    if isOurs {
      try probeWritable(url)
      return
    }
    if run.resume {
      Console.write("note: \(path) holds no state to resume: the run starts from the beginning")
      try Self.refuseOtherFiles(in: url)
    }
    _ = try OutputFolder(
      path, flag: "--adapter-path", overwrite: run.overwrite, marker: "adapter_config.json",
      sparing: inputs)
  }

  /// Refuses to begin, in place of going on, where something lies that would be lost.
  private static func refuseOtherFiles(in url: URL) throws {
    let content = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    guard content.isEmpty else {
      throw UsageError(
        "\(url.relativePath) holds no state to resume, but other files; give --overwrite in place of --resume to start anew"
      )
    }
  }

  /// The newest whole state, where the run is to be gone on with; a newer one that is broken is passed over, aloud.
  func state() throws -> (state: TrainingState, folder: URL)? {
    guard run.resume else { return nil }
    let newest = try history.newest {
      Console.write("note: \($0.description); it is passed over")
    }
    return newest.map { ($0, history.place(of: $0.number)) }
  }

  /// Writes adapter and state in one stroke: the adapter that is kept, and the state of the last step.
  mutating func save(
    _ training: Training, keeping adapter: Adapter, best: Int?, settings: JSONObject,
    metrics: [JSONObject], isFinished: Bool
  ) throws {
    try publishFolder(at: url, overwrite: run.overwrite || isOurs) { folder in
      try adapter.write(into: folder)
      try history.write(
        training, settings: settings, metrics: metrics, isFinished: isFinished,
        keeping: run.saveTotalLimit, best: best, besideOlder: isOurs, into: folder
      ) { try adapter.write(into: $0) }
    }
    isOurs = true
  }

  /// Refuses to go on with a run under other settings.
  static func check(_ old: JSONObject, against new: JSONObject, of run: RunOptions) throws {
    guard let (key, before, now) = new.firstDifference(from: old) else { return }
    throw UsageError(
      """
      \(run.adapterPath ?? ""): the run to resume had \(key) \(before.text()), \
      this one has \(now.text()); give it the same, or start anew with --overwrite
      """)
  }
}
