import Foundation
import LowRank
import LowRankSessions
import Yams

/// Reading YAML files of keys and values.
package enum YAMLFile {
  /// The pairs that a file holds, in its order.
  ///
  /// - Throws: `FileError`, and `SettingsError` with the line where the text is no YAML, or no mapping.
  package static func pairs(of path: String) throws -> [(key: Node, value: Node)] {
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw FileError(
        "read", path, reason: isThere ? "it is not a readable UTF-8 file" : "there is no such file")
    }
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch {
      throw SettingsError("\(path)\(YAMLProblem.clause(error))")
    }
    guard let root else { return [] }
    guard let mapping = root.mapping else {
      throw SettingsError("\(path): expected settings as `key: value`")
    }
    return mapping.map { ($0.key, $0.value) }
  }
}
