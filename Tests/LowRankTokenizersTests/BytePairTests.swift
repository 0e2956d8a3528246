import LowRankTokenizers
import Testing

/// Byte-pair encoding by its definition, one merge after the other over the whole text.
private struct Definition {
  private(set) var vocabulary = ["a", "b", "c", "▁"]
  private(set) var merges: [(String, String)] = []

  /// Random merges of tokens there are, so that many of them compete.
  init(merges count: Int, using generator: inout some RandomNumberGenerator) {
    while merges.count < count {
      let left = vocabulary.randomElement(using: &generator) ?? "a"
      let right = vocabulary.randomElement(using: &generator) ?? "a"
      let isNew = !vocabulary.contains(left + right)
      guard isNew, left.count + right.count <= 8 else { continue }
      vocabulary.append(left + right)
      merges.append((left, right))
    }
  }

  var json: String {
    let tokens = vocabulary.enumerated().map { "\"\($0.element)\":\($0.offset)" }
    let pairs = merges.map { "\"\($0.0) \($0.1)\"" }
    return """
      {"model":{"type":"BPE","vocab":{\(tokens.joined(separator: ","))},\
      "merges":[\(pairs.joined(separator: ","))]}}
      """
  }

  func encode(_ text: String) -> [String] {
    var tokens = text.map(String.init)
    while true {
      let next = merges.lazy.compactMap { merge in
        tokens.indices.dropLast().first { tokens[$0] == merge.0 && tokens[$0 + 1] == merge.1 }
      }.first
      guard let next else { return tokens }
      tokens[next...next + 1] = [tokens[next] + tokens[next + 1]]
    }
  }
}

@Suite struct `Byte-pair encoding` {
  /// Lengths on both sides of where the search for the next merge changes.
  @Test(arguments: [3, 12, 47, 48, 49, 120])
  func `is what its definition says`(length: Int) throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<40 {
      let definition = Definition(merges: 30, using: &generator)
      let tokenizer = try TestFiles.tokenizer(definition.json)
      let text = String((0..<length).map { _ in "aabbcc▁".randomElement(using: &generator) ?? "a" })
      let tokens = tokenizer.encode(text).ids.compactMap { tokenizer.token(of: $0) }
      #expect(tokens == definition.encode(text), "\(text) by \(definition.merges)")
    }
  }
}
