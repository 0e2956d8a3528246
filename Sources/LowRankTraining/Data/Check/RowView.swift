import LowRankCheckpoints

/// A row token by token.
public struct RowView: Sendable {
  /// One token of a row.
  public struct Token: Hashable, Sendable {
    /// The token.
    public let id: Int32
    /// The text it stands for; its name in the vocabulary where it stands for none, or for part of a character.
    public let text: String
    /// Whether it is trained.
    public let isTrained: Bool
    /// Whether it is a special token.
    public let isSpecial: Bool
  }

  /// The line, or the place in an array, counted from 1.
  public let row: Int
  /// How many tokens the row has, those included that are cut off.
  public let length: Int
  /// The tokens that are kept.
  public let tokens: [Token]
  /// What the row is said to be, where rows have labels.
  public var label: String?
  /// Whether what is trained last ends a text or a turn; nil where nothing is trained token by token.
  public var isEnded: Bool?

  /// A row of a causal model.
  init(row: Int, _ encoded: EncodedExample, _ names: TokenNames, ends: Set<Int32>) {
    let example = encoded.example
    let bytes = Array(encoded.text.utf8)
    var trained = [Bool](repeating: false, count: example.ids.count)
    for run in example.trained { for position in run { trained[position] = true } }
    self.row = row
    length = encoded.length
    tokens = example.ids.indices.map { position in
      let (id, range) = (example.ids[position], encoded.offsets[position])
      // Several tokens of one character have no text of their own.
      let isPart = [position - 1, position + 1].contains {
        encoded.offsets.indices.contains($0) && encoded.offsets[$0] == range
      }
      return Token(
        id: id,
        text: range.isEmpty || isPart
          ? names.name(of: id) : String(decoding: bytes[range], as: UTF8.self),
        isTrained: trained[position], isSpecial: names.special.contains(id))
    }
    isEnded = example.isEnded(by: ends)
  }

  /// A row with a label.
  init(row: Int, _ ids: [Int32], length: Int, label: String, _ names: TokenNames) {
    self.row = row
    self.length = length
    tokens = ids.map {
      Token(
        id: $0, text: names.name(of: $0), isTrained: false, isSpecial: names.special.contains($0))
    }
    self.label = label
  }

  /// The tokens as JSON.
  public var json: JSONObject {
    var json: JSONObject = [
      "row": .integer(row), "length": .integer(length),
      "tokens": .array(
        tokens.map { token in
          [
            "id": .integer(Int(token.id)), "text": .string(token.text),
            "trained": .bool(token.isTrained), "special": .bool(token.isSpecial),
          ]
        }),
    ]
    if let label { json["label"] = .string(label) }
    if let isEnded { json["ended"] = .bool(isEnded) }
    return json
  }
}

extension Example {
  /// Whether the last token that is trained is one of those that end a text or a turn.
  func isEnded(by ends: Set<Int32>) -> Bool {
    trained.last.map { ends.contains(ids[$0.upperBound - 1]) } ?? false
  }
}

/// Which rows of a file are shown token by token.
public enum ViewedRows: Hashable, Sendable {
  /// The first ones that have a token.
  case first(Int)
  /// The one with a number.
  case number(Int)

  func includes(_ number: Int, after count: Int) -> Bool {
    switch self {
    case .first(let most): count < most
    case .number(let wanted): number == wanted
    }
  }
}
