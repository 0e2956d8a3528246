import LowRank

/// The field `logprobs` of a completion.
struct CompletionLogarithms {
  private let top: Int?
  private var tokens: [JSONValue] = []
  private var values: [JSONValue] = []
  private var tops: [JSONValue] = []
  private var offsets: [JSONValue] = []

  /// - Parameter top: how many of the likeliest tokens are told; nil for no field at all.
  init(top: Int?) { self.top = top }

  /// Adds the tokens of a prompt that is a part of the text.
  mutating func add(_ pieces: [Answer.Piece], of prompt: EchoedPrompt) {
    add(pieces, at: prompt.places)
  }

  /// Adds the tokens of an answer behind a prompt that is a part of the text; nil where none is.
  mutating func add(_ pieces: [Answer.Piece], behind prompt: EchoedPrompt?) {
    add(pieces, at: pieces.map { (prompt?.length ?? 0) + $0.place })
  }

  private mutating func add(_ pieces: [Answer.Piece], at places: [Int]) {
    guard let top else { return }
    for (piece, place) in zip(pieces, places) {
      tokens.append(.string(piece.spelling.text))
      offsets.append(.integer(place))
      guard let logarithms = piece.logarithms else {
        values.append(.null)
        tops.append(.null)
        continue
      }
      values.append(.double(logarithms.chosen.value))
      var likeliest = JSONObject()
      for entry in logarithms.top.prefix(top) {
        let name =
          entry.token == piece.token ? piece.spelling.text : pieceText(entry.token, beside: piece)
        // Of tokens with one text, such as parts of a character, the likeliest counts.
        if likeliest[name] == nil { likeliest[name] = .double(entry.value) }
      }
      if likeliest[piece.spelling.text] == nil {
        likeliest[piece.spelling.text] = .double(logarithms.chosen.value)
      }
      tops.append(.object(likeliest))
    }
  }

  private func pieceText(_ token: Int32, beside piece: Answer.Piece) -> String {
    piece.alternatives[token]?.text ?? "token:\(token)"
  }

  var json: JSONValue {
    guard top != nil else { return .null }
    return [
      "tokens": .array(tokens), "token_logprobs": .array(values), "top_logprobs": .array(tops),
      "text_offset": .array(offsets),
    ]
  }
}
