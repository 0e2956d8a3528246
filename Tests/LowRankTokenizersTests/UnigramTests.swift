import LowRankTokenizers
import Testing

/// A unigram model by its definition: the best of all ways to cut a text.
private struct Definition {
  private(set) var pieces: [(text: String, score: Double)] = [("<unk>", 0)]

  /// Random pieces of four letters, one of which is none by itself.
  init(pieces count: Int, using generator: inout some RandomNumberGenerator) {
    while pieces.count < count {
      let length = Int.random(in: 1...4, using: &generator)
      let letters = (0..<length).map { _ in "abcü".randomElement(using: &generator) ?? "a" }
      let text = String(letters)
      guard text != "ü", !pieces.contains(where: { $0.text == text }) else { continue }
      pieces.append((text, -Double.random(in: 1...9, using: &generator)))
    }
  }

  var json: String {
    let vocabulary = pieces.map { "[\"\($0.text)\",\($0.score)]" }.joined(separator: ",")
    return #"{"model":{"type":"Unigram","unk_id":0,"vocab":[\#(vocabulary)]}}"#
  }

  /// The best score of a text; a character that is no piece is unknown.
  func score(_ text: Substring) -> Double {
    guard let first = text.first else { return 0 }
    var best = -Double.infinity
    if !pieces.contains(where: { $0.text == String(first) }) {
      let worst = pieces.map(\.score).min() ?? 0
      best = worst - 10 + score(text.dropFirst())
    }
    for piece in pieces where text.hasPrefix(piece.text) {
      best = max(best, piece.score + score(text.dropFirst(piece.text.count)))
    }
    return best
  }
}

@Suite struct `A unigram model` {
  @Test(arguments: [1, 5, 9])
  func `finds the best of all ways to cut a text`(length: Int) throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<40 {
      let definition = Definition(pieces: 12, using: &generator)
      let tokenizer = try TestFiles.tokenizer(definition.json)
      let text = String((0..<length).map { _ in "abcü".randomElement(using: &generator) ?? "a" })
      let encoding = tokenizer.encode(text)
      let worst = definition.pieces.map(\.score).min() ?? 0
      let bytes = Array(text.utf8)
      let score = zip(encoding.ids, encoding.offsets).reduce(0.0) { sum, token in
        let characters = String(decoding: bytes[token.1], as: UTF8.self).count
        return sum
          + (token.0 == 0
            ? Double(characters) * (worst - 10) : definition.pieces[Int(token.0)].score)
      }
      #expect(abs(score - definition.score(text[...])) < 1e-9, "\(text) by \(definition.pieces)")
      #expect(encoding.offsets.first?.lowerBound == 0)
      #expect(encoding.offsets.last?.upperBound == bytes.count)
    }
  }

  @Test func `makes one token of unknown characters in a row, or one of each byte`() throws {
    func tokenizer(_ fallsBack: Bool) throws -> Tokenizer {
      let bytes = (0..<256).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return "[\"<0x\(byte < 16 ? "0" : "")\(digits)>\",0]"
      }
      return try TestFiles.tokenizer(
        """
        {"model":{"type":"Unigram","unk_id":256,"byte_fallback":\(fallsBack),
        "vocab":[\(bytes.joined(separator: ",")),["<unk>",0],["a",-1]]}}
        """)
    }
    let fused = try tokenizer(false).encode("aé1a")
    #expect(fused.ids == [257, 256, 257])
    #expect(fused.offsets == [0..<1, 1..<4, 4..<5])
    let bytes = try tokenizer(true).encode("aé1a")
    #expect(bytes.ids == [257, 0xC3, 0xA9, 0x31, 257])
    #expect(bytes.offsets == [0..<1, 1..<4, 1..<4, 1..<4, 4..<5])
  }

  @Test func `counts what a map takes from the start to the first character that is left`() throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture("xlm-roberta"))
    let encoding = tokenizer.encode("\u{200b}\u{200b}The fox", addSpecialTokens: false)
    #expect(encoding.ids == tokenizer.encode("The fox", addSpecialTokens: false).ids)
    #expect(encoding.offsets.first?.lowerBound == 0)
    #expect(encoding.offsets.last?.upperBound == 13)
  }

  @Test(.timeLimit(.minutes(1)))
  func `takes a long text without a seam`() throws {
    let tokenizer = try TestFiles.tokenizer(
      #"{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-2],["aaaa",-3]]}}"#)
    let encoding = tokenizer.encode(String(repeating: "a", count: 1_000_003))
    #expect(encoding.count == 250_003)
    #expect(encoding.offsets.last?.upperBound == 1_000_003)
  }
}
