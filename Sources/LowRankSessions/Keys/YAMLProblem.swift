import Foundation
import Yams

/// What is wrong with a text that is no YAML: the line, and what was expected there.
package enum YAMLProblem {
  /// The end of a sentence that begins with the file, as `, line 3: not YAML: expected "," or "]" …`.
  package static func clause(_ error: any Error) -> String {
    switch error as? YamlError {
    case .duplicatedKeysInMapping(let keys, _):
      let names = keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
      return ": the key \(names) occurs twice; keep one of them"
    case .scanner(let context, let problem, let mark, let text),
      .parser(let context, let problem, let mark, let text),
      .composer(let context, let problem, let mark, let text):
      let start = context?.mark.line ?? mark.line
      // The colon is missed where the key stands.
      let line = problem == "could not find expected ':'" ? start : mark.line
      return ", line \(line): not YAML: " + words(problem, from: start, character(at: mark, text))
    case .reader(_, let offset?, _, let text):
      let line = 1 + text.prefix(offset).count { $0.isNewline }
      return ", line \(line): not YAML: a character that texts cannot hold; remove it"
    default: return ": not YAML: it is not a readable text"
    }
  }

  /// What was expected, by the parser's name for the problem.
  ///
  /// - Parameters:
  ///   - start: the line where the list, mapping or text begins that is not as expected.
  ///   - character: what stands at the problem.
  private static func words(_ problem: String, from start: Int, _ character: Character?) -> String {
    let pair = "\"key: value\""
    switch problem {
    case "did not find expected ',' or ']'":
      return "expected \",\" or \"]\" in the list that begins in line \(start)"
    case "did not find expected ',' or '}'":
      return "expected \",\" or \"}\" in the mapping that begins in line \(start)"
    case "mapping values are not allowed in this context":
      return "expected one \(pair) in a line; a value that has \": \" in it needs quotes"
    case "did not find expected key", "did not find expected <document start>":
      return "expected \(pair), indented as the keys before it"
    case "could not find expected ':'":
      return "expected \(pair), with a colon and a space behind the key"
    case "did not find expected '-' indicator":
      return "expected \"- value\", indented as the entries before it"
    case "block sequence entries are not allowed in this context":
      return "expected entries of a list in lines of their own, each as \"- value\""
    case "did not find expected node content": return "expected a value"
    case "but found another document": return "a second document, expected one; remove the line ---"
    case "found unexpected end of stream", "found unexpected document indicator":
      return "expected the closing quote of the text that begins in line \(start)"
    case "found unknown escape character":
      return
        "expected an escape as \\n after the backslash; between single quotes a backslash is one"
    case "found undefined alias", "did not find expected alphabetic or numeric character":
      return "a value that begins with \"*\" or \"&\" needs quotes"
    default:
      if character == "\t" || problem.hasPrefix("found a tab") {
        return "a tab, expected spaces before a key"
      }
      if problem == "found character that cannot start any token", let character {
        return "a value that begins with \"\(character)\" needs quotes"
      }
      return "expected lines of \(pair)"
    }
  }

  private static func character(at mark: Mark, _ text: String) -> Character? {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    guard lines.indices.contains(mark.line - 1) else { return nil }
    let scalars = lines[mark.line - 1].unicodeScalars
    return scalars.dropFirst(mark.column - 1).first.map(Character.init)
  }
}
