import Foundation
import LowRank
import Yams

/// Reading YAML files of keys and values.
enum YAMLFile {
  /// The pairs that a file holds, in its order.
  ///
  /// - Throws: `FileError`, and `UsageError` with the line where the text is no YAML, or no mapping.
  static func pairs(of path: String) throws -> [(key: Node, value: Node)] {
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw FileError(
        "read", path, reason: isThere ? "it is not a readable UTF-8 file" : "there is no such file")
    }
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch {
      throw UsageError("\(path)" + problem(error))
    }
    guard let root else { return [] }
    guard let mapping = root.mapping else {
      throw UsageError("\(path): expected flags as `key: value`")
    }
    return mapping.map { ($0.key, $0.value) }
  }

  /// What is wrong with a text that is no YAML, without the text itself.
  private static func problem(_ error: any Error) -> String {
    switch error as? YamlError {
    case .duplicatedKeysInMapping(let keys, _):
      let names = keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
      return ": the key \(names) occurs twice; keep one of them"
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ", line \(mark.line): not YAML: \(problem)"
    case .reader(let problem, _, _, _): return ": not YAML: \(problem)"
    default: return ": not YAML: \(error)".replacing("\n", with: " ")
    }
  }
}
