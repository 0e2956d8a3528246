import Foundation
import LowRankTokenizers

/// The metadata of a GGUF file as `Oracles/tokenizers_gguf.py` writes them.
struct GGUFFields: Decodable {
  var name: String?
  var model: String
  var pre: String?
  var tokens: [String]
  var scores: [Float]?
  var types: [Int32]?
  var merges: [String]?
  var begin, end, unknown, padding, separator, mask, endOfTurn: Int32?
  var addsBegin, addsEnd, addsSpacePrefix: Bool?

  /// Reads a folder's vocabulary.json; nil if it has none.
  static func vocabulary(in folder: URL) throws -> GGUFVocabulary? {
    let file = folder.appendingPathComponent("vocabulary.json")
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return try JSONDecoder().decode(GGUFFields.self, from: Data(contentsOf: file)).vocabulary
  }

  private var vocabulary: GGUFVocabulary {
    var vocabulary = GGUFVocabulary(file: "model.gguf", model: model, tokens: tokens)
    vocabulary.name = name
    vocabulary.pre = pre
    vocabulary.scores = scores ?? []
    vocabulary.types = types ?? []
    vocabulary.merges = merges ?? []
    vocabulary.begin = begin
    vocabulary.end = end
    vocabulary.unknown = unknown
    vocabulary.padding = padding
    vocabulary.separator = separator
    vocabulary.mask = mask
    vocabulary.endOfTurn = endOfTurn
    vocabulary.addsBegin = addsBegin
    vocabulary.addsEnd = addsEnd
    vocabulary.addsSpacePrefix = addsSpacePrefix
    return vocabulary
  }
}
