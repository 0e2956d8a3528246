import LowRankCheckpoints

/// A text with the names of columns in braces, which makes a row's prompt: `Q: {question}\nA:`.
///
/// `{{` and `}}` stand for single braces.
public struct PromptTemplate: Hashable, Sendable {
  /// A piece of the template.
  private enum Piece: Hashable {
    case text(String)
    case column(String)
  }

  /// The template as it is written.
  public let text: String
  private let pieces: [Piece]

  /// Reads a template.
  ///
  /// - Throws: `PromptTemplateError` if a brace has no partner, or if no column is named.
  public init(_ text: String) throws(PromptTemplateError) {
    var pieces: [Piece] = []
    var plain: [Character] = []
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "{" where rest.first == "{", "}" where rest.first == "}":
        plain.append(character)
        rest.removeFirst()
      case "{":
        guard let end = rest.firstIndex(of: "}"), !rest[..<end].contains("{") else {
          throw PromptTemplateError("\"{\" has no \"}\": write \"{{\" for the brace itself")
        }
        let name = String(rest[..<end])
        guard !name.isEmpty else {
          throw PromptTemplateError("\"{}\" names no column: expected one, as {question}")
        }
        pieces.append(.text(String(plain)))
        pieces.append(.column(name))
        plain = []
        rest = rest[rest.index(after: end)...]
      case "}":
        throw PromptTemplateError("\"}\" has no \"{\": write \"}}\" for the brace itself")
      default: plain.append(character)
      }
    }
    pieces.append(.text(String(plain)))
    self.text = text
    self.pieces = pieces
    guard !columns.isEmpty else {
      throw PromptTemplateError("it names no column: expected one in braces, as {question}")
    }
  }

  /// The columns that the template names, each once, in order.
  public var columns: [String] {
    var columns: [String] = []
    for case .column(let name) in pieces where !columns.contains(name) { columns.append(name) }
    return columns
  }

  /// The prompt that the values of columns make; `value` gives the text of a column.
  public func prompt<Failure: Error>(
    _ value: (String) throws(Failure) -> String
  ) throws(Failure) -> String {
    var prompt = ""
    for piece in pieces {
      switch piece {
      case .text(let text): prompt += text
      case .column(let name): prompt += try value(name)
      }
    }
    return prompt
  }
}

/// What is wrong with a template of prompts.
public struct PromptTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A clause that may follow the template.
  public let description: String

  init(_ description: String) { self.description = description }
}
