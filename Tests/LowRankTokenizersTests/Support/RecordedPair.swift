import Foundation
import LowRankTokenizers

/// What the oracles recorded of a pair of texts.
struct RecordedPair: Decodable {
  var first: String
  var second: String
  var strategy: String
  var longest: Int?
  var special: Bool
  /// Nothing where the reference could not cut the pair.
  var ids: [Int32]?
  var types: [Int32]?
  var mask: [Int]?

  static func read(_ folder: URL) throws -> [RecordedPair] {
    let file = folder.appendingPathComponent("pairs.json")
    return try JSONDecoder().decode([RecordedPair].self, from: Data(contentsOf: file))
  }

  /// Whether a tokenizer makes the same of the texts.
  func agrees(with tokenizer: Tokenizer) -> Bool {
    guard let truncation = PairTruncation(rawValue: strategy) else { return false }
    let encoding = try? tokenizer.encodePair(
      first, second, addSpecialTokens: special, longest: longest, truncation: truncation)
    return encoding?.ids == ids && encoding?.typeIDs == types
      && encoding?.isSpecial == mask?.map { $0 == 1 }
  }
}
