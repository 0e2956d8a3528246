import Foundation
import LowRankTokenizers
import Testing

/// What `Oracles/tokenizers_fixture.py` or another script of the fixtures recorded from PyPI `tokenizers`.
struct Recorded: Decodable {
  struct Case: Decodable {
    var text: String
    var ids: [Int32]
    /// Nothing where the reference has lost count.
    var offsets: [Int]?
    var special: [Int]
    var decoded: String
  }

  var cases: [Case]

  init(_ name: String) throws {
    let file = try TestFiles.fixture(name).appendingPathComponent("cases.json")
    self = try JSONDecoder().decode(Recorded.self, from: Data(contentsOf: file))
  }

  /// Compares a tokenizer with the record: ids, offsets, special mask, decoded text.
  func expect(of tokenizer: Tokenizer) {
    #expect(!cases.isEmpty)
    for expected in cases {
      let encoding = tokenizer.encode(expected.text)
      #expect(encoding.ids == expected.ids, "\(expected.text.debugDescription)")
      let offsets = encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] }
      #expect(offsets == expected.offsets ?? offsets, "\(expected.text.debugDescription)")
      #expect(encoding.isSpecial == expected.special.map { $0 == 1 })
      let decoded = tokenizer.decode(expected.ids)
      #expect(Array(decoded.utf8) == Array(expected.decoded.utf8))
    }
  }
}
