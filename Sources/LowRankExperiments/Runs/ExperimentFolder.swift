import Foundation
import LowRank
import LowRankKeys
import LowRankSessions

/// The folder of an experiment: its plan, the adapters and the record of each run, and the results.
struct ExperimentFolder {
  let url: URL
  private let lock: RunLock?

  /// Opens a folder, or makes it.
  ///
  /// - Throws: `SettingsError` where it holds another experiment or something else, `FileError`.
  init(at path: String, plan: ExperimentPlan) throws {
    guard !path.isEmpty else {
      throw SettingsError("\(setting: "output") is empty, expected a folder")
    }
    url = URL(filePath: path)
    let files = FileManager.default
    let marker = url.appending(path: Self.marker)
    if files.fileExists(atPath: url.path), !files.fileExists(atPath: marker.path) {
      let content = (try? files.contentsOfDirectory(atPath: url.path)) ?? []
      guard content.allSatisfy({ $0.hasPrefix(".") }) else {
        throw SettingsError(
          "\(setting: "output") \(path) holds other files; choose an empty folder, or a new one")
      }
    }
    do { try files.createDirectory(at: url, withIntermediateDirectories: true) } catch {
      throw FileError("write", path, reason: systemReason(error))
    }
    lock = try RunLock.taken(of: url)
    if files.fileExists(atPath: marker.path) {
      let old = try Self.undamaged("choose another folder for the experiment") {
        try JSONFile(at: marker).object
      }
      try Self.check(old["plan"]?.object ?? [:], plan, path)
    }
    let content: JSONObject = [
      "plan": .object(plan.json), "lowrank": .string(AdapterFacts.version),
    ]
    try Self.write(.object(content), to: marker)
  }

  private static let marker = "experiment.json"

  /// Refuses a plan whose runs would not be comparable to those in the folder; more values of varied keys may come.
  private static func check(_ old: JSONObject, _ plan: ExperimentPlan, _ path: String) throws {
    let new = plan.json
    let free = ["vary", "baseline", "metrics"]
    guard let key = new.keys.first(where: { !free.contains($0) && old[$0] != new[$0] }) else {
      return
    }
    var (before, now) = (old[key] ?? .null, new[key] ?? .null)
    var name = key
    if let a = before.object, let b = now.object,
      let inner = (b.keys + a.keys).first(where: { a[$0] != b[$0] })
    {
      (before, now, name) = (a[inner] ?? .null, b[inner] ?? .null, "\(key).\(inner)")
    }
    throw SettingsError(
      "\(setting: "output") \(path) holds an experiment with \(name) \(before.text()), and this plan has \(now.text()); choose another folder"
    )
  }

  /// Where the adapter of a run lies.
  func run(_ slug: String) -> URL { url.appending(path: "runs/\(slug)") }

  /// The record of a run; nil where there is none.
  ///
  /// - Throws: `FileError`, `JSONError`.
  func record(_ slug: String) throws -> RunRecord? {
    let place = url.appending(path: "records/\(slug).json")
    guard FileManager.default.fileExists(atPath: place.path) else { return nil }
    return try Self.undamaged { try RunRecord(JSONFile(at: place)) }
  }

  /// Says of a file that is not as it was written what makes it anew.
  private static func undamaged<Result>(
    _ remedy: String = "remove it, and the same command makes it again from the run",
    _ read: () throws -> Result
  ) throws -> Result {
    do { return try read() } catch let error as JSONError {
      throw JSONError(
        source: error.source, problem: "\(error.problem): the file is damaged; \(remedy)")
    }
  }

  /// Keeps the record of a run.
  ///
  /// - Throws: `FileError`.
  func keep(_ record: RunRecord, of slug: String) throws {
    try Self.write(.object(record.json), to: url.appending(path: "records/\(slug).json"))
  }

  /// What was resolved of a variant before its first run; nil where nothing was.
  func resolved(_ slug: String) throws -> JSONObject? {
    let place = url.appending(path: "variants/\(slug).json")
    guard FileManager.default.fileExists(atPath: place.path) else { return nil }
    return try Self.undamaged { try JSONFile(at: place).object }
  }

  /// Keeps what was resolved of a variant.
  func keep(resolved object: JSONObject, of slug: String) throws {
    try Self.write(.object(object), to: url.appending(path: "variants/\(slug).json"))
  }

  /// Writes a file of the folder at once and whole.
  static func write(_ value: JSONValue, to place: URL) throws {
    try write(value.bytes(.pretty) + [UInt8(ascii: "\n")], to: place)
  }

  /// Writes a file of the folder at once and whole.
  static func write(_ bytes: [UInt8], to place: URL) throws {
    try publishFile(at: place, overwrite: true) { file in
      let output = try OutputFile(at: file)
      try output.write(bytes)
      try output.close()
    }
  }
}
