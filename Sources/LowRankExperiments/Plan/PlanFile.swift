import Foundation
import LowRank
import LowRankKeys
import LowRankSessions
import Yams

/// A plan's file, whose errors name it.
enum PlanFile {
  /// What the file holds.
  ///
  /// - Throws: `FileError`, and `SettingsError` where the text is no YAML, or no mapping.
  static func object(at path: String) throws -> JSONObject {
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw FileError(
        "read", path, reason: isThere ? "it is not a readable UTF-8 file" : "there is no such file")
    }
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch {
      throw SettingsError("\(path)\(YAMLProblem.clause(error))")
    }
    guard let object = try node.map({ try JSONValue($0, at: path) })?.object else {
      throw SettingsError("\(path): expected a mapping with base: and vary:")
    }
    return object
  }

  /// Does what may find something wrong with settings, and says in which part of the file they stand.
  ///
  /// - Throws: `SettingsError` with keys as the file has them, and other errors as they are.
  static func naming<Result>(_ place: String, _ work: () throws -> Result) throws -> Result {
    do { return try work() } catch let error as SettingsError {
      throw SettingsError("\(place): \(Setting.keyed(error))")
    }
  }
}
