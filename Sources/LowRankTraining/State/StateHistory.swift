import Foundation
import LowRankCheckpoints

/// The states of a run, `step-00000200` and so on in one folder: the newest few, and that of the best step.
public struct StateHistory: Sendable {
  /// The folder of the states.
  public let folder: URL

  /// The states in the folder `state` of an adapter.
  public init(inAdapter adapter: URL) { folder = adapter.appending(path: "state") }

  /// The steps whose states lie there, the newest first.
  public var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.compactMap(Self.step).sorted(by: >)
  }

  /// The folder of the state after a step.
  public func place(of step: Int) -> URL { folder.appending(path: Self.name(of: step)) }

  /// Opens the newest state that is whole; nil where there is none.
  ///
  /// - Parameter report: told why a newer one is skipped.
  /// - Throws: `StateError` if there are states but none is intact; `PublishingError` if an interrupted save cannot
  ///   be finished.
  public func newest(_ report: (StateError) -> Void = { _ in }) throws -> TrainingState? {
    try finishInterruptedSave(in: folder.deletingLastPathComponent())
    var broken: StateError?
    for step in steps {
      do { return try TrainingState(in: place(of: step)) } catch {
        let found = error as? StateError ?? StateError(place(of: step).relativePath, "\(error)")
        report(found)
        broken = broken ?? found
      }
    }
    if let broken {
      throw StateError(
        broken.folder, broken.reason + "; no other state is intact either: start a new run")
    }
    return nil
  }

  /// Writes the state of a run into an adapter folder that is not yet published, and takes along the states that are kept:
  /// the newest `limit` with this one, and that of the best step.
  ///
  /// Older states are linked, not copied, so that taking them along costs nothing.
  /// - Parameters:
  ///   - isSameRun: whether the states that lie there are of this run; those of another one are not taken along.
  ///   - result: the files of weights in the folder of the run, each with its size and hash.
  ///   - adapter: writes the adapter of this step beside the state.
  /// - Throws: `FileError`, and what writing the adapter throws.
  public func write(
    _ training: Training, settings: JSONObject, metrics: MetricsLog, isFinished: Bool,
    keeping limit: Int, best: Int?, besideOlder isSameRun: Bool = true,
    result: JSONObject? = nil, into unpublished: URL,
    adapter: (URL) throws -> Void
  ) throws {
    precondition(limit > 0, "a run keeps \(limit) states")
    let new = StateHistory(inAdapter: unpublished)
    let older = isSameRun ? steps.filter { $0 < training.number } : []
    for step in older.prefix(limit - 1) + older.dropFirst(limit - 1).filter({ $0 == best }) {
      try Self.link(place(of: step), to: new.place(of: step))
    }
    let place = new.place(of: training.number)
    do {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    } catch { throw FileError("create", place.relativePath, reason: systemReason(error)) }
    try adapter(place)
    try TrainingState.write(
      training, settings: settings, metrics: metrics, isFinished: isFinished, keeping: best,
      beside: result, into: place)
    let lines = TrainingState.metricsName
    if FileManager.default.fileExists(atPath: place.appending(path: lines).path) {
      try Self.link(file: place.appending(path: lines), to: new.folder.appending(path: lines))
    }
  }

  private static let prefix = "step-"

  private static func name(of step: Int) -> String {
    let digits = String(step)
    return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  private static func step(of name: String) -> Int? {
    guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)),
      name == self.name(of: step)
    else { return nil }
    return step
  }

  private static func link(_ old: URL, to new: URL) throws {
    do {
      try FileManager.default.createDirectory(at: new, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: old.path) {
        try link(file: old.appending(path: name), to: new.appending(path: name))
      }
    } catch let error as FileError { throw error } catch {
      throw FileError("keep", old.relativePath, reason: systemReason(error))
    }
  }

  /// Links a file, or copies it where the file system has no links.
  private static func link(file old: URL, to new: URL) throws {
    do { try FileManager.default.linkItem(at: old, to: new) } catch {
      do { try FileManager.default.copyItem(at: old, to: new) } catch {
        throw FileError("keep", old.relativePath, reason: systemReason(error))
      }
    }
  }
}
