import LowRank
import Synchronization

/// The field `logprobs` of a completion.
struct CompletionLogarithms {
  private let top: Int?
  /// The characters of the text before the next token.
  private(set) var offset: Int
  private var tokens: [JSONValue] = []
  private var values: [JSONValue] = []
  private var tops: [JSONValue] = []
  private var offsets: [JSONValue] = []

  /// - Parameter top: how many of the likeliest tokens are told; nil for no field at all.
  init(top: Int?, offset: Int = 0) { (self.top, self.offset) = (top, offset) }

  /// Adds tokens.
  mutating func add(_ pieces: [Answer.Piece]) {
    guard let top else { return }
    for piece in pieces {
      tokens.append(.string(piece.text))
      offsets.append(.integer(offset))
      offset += piece.text.unicodeScalars.count
      guard let logarithms = piece.logarithms else {
        values.append(.null)
        tops.append(.null)
        continue
      }
      values.append(.double(logarithms.chosen.value))
      var likeliest = JSONObject()
      for entry in logarithms.top.prefix(top) {
        let name =
          entry.token == piece.token ? piece.text : pieceText(entry.token, beside: piece)
        // Of tokens with one text, such as parts of a character, the likeliest counts.
        if likeliest[name] == nil { likeliest[name] = .double(entry.value) }
      }
      if likeliest[piece.text] == nil { likeliest[piece.text] = .double(logarithms.chosen.value) }
      tops.append(.object(likeliest))
    }
  }

  private func pieceText(_ token: Int32, beside piece: Answer.Piece) -> String {
    piece.alternatives[token] ?? "token:\(token)"
  }

  var json: JSONValue {
    guard top != nil else { return .null }
    return [
      "tokens": .array(tokens), "token_logprobs": .array(values), "top_logprobs": .array(tops),
      "text_offset": .array(offsets),
    ]
  }
}

/// Where the texts of streamed answers have come to.
final class StreamOffsets: Sendable {
  private struct Place {
    var offset = 0
    var isFirst = true
  }

  private let places: Mutex<[Place]>

  init(_ count: Int) { places = Mutex([Place](repeating: Place(), count: count)) }

  func offset(of index: Int) -> Int { places.withLock { $0[index].offset } }

  /// Whether nothing was told of an answer yet; it is from now on.
  func isFirst(_ index: Int) -> Bool {
    places.withLock { places in
      defer { places[index].isFirst = false }
      return places[index].isFirst
    }
  }

  func move(_ index: Int, to offset: Int) { places.withLock { $0[index].offset = offset } }
}
