/// The tokens that may end a turn: the special ones, and those at which generation stops.
public struct TurnEnds: Hashable, Sendable {
  private struct Token: Hashable {
    let id: Int32
    let bytes: [UInt8]
  }
  private let tokens: [Token]
  private let stops: Set<Int32>

  /// Tokens with the texts they stand for, and those of them at which generation stops.
  public init(_ tokens: [(id: Int32, text: String)], stops: Set<Int32>) {
    self.tokens = tokens.map { Token(id: $0.id, bytes: Array($0.text.utf8)) }
      .filter { !$0.bytes.isEmpty }
      .sorted { $0.bytes.count > $1.bytes.count }
    self.stops = stops
  }

  /// The token that ends the turn which stands at the end of a text, and where that token ends.
  ///
  /// Of the tokens that close the text, with nothing but white space between them, it is the first at which generation
  /// stops, else the first.
  func end(of text: [UInt8], from start: Int) -> (id: Int32, end: Int)? {
    var found: (id: Int32, end: Int)?
    var end = text.count
    while end > start {
      if text[end - 1] == 0x20 || (0x09...0x0d).contains(text[end - 1]) {
        end -= 1
        continue
      }
      let rest = text[start..<end]
      guard let token = tokens.first(where: { rest.ends(with: $0.bytes) }) else { break }
      if found.map({ stops.contains(token.id) || !stops.contains($0.id) }) ?? true {
        found = (token.id, end)
      }
      end -= token.bytes.count
    }
    return found
  }
}

extension ArraySlice<UInt8> {
  fileprivate func ends(with bytes: [UInt8]) -> Bool {
    count >= bytes.count && suffix(bytes.count).elementsEqual(bytes)
  }
}
