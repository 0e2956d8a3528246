import Foundation
import LowRankCheckpoints
import LowRankTransformers

/// The token that ends a sequence, as the files of a model folder name it.
public struct EndOfSequence: Hashable, Sendable {
  /// The token that training puts at the end of each row; none where no file names one.
  public let id: Int32?
  /// The tokens at which generation stops, `id` among them.
  public let stops: Set<Int32>

  /// The given tokens.
  public init(id: Int32?, stops: Set<Int32> = []) {
    self.id = id
    self.stops = id.map { stops.union([$0]) } ?? stops
  }

  /// Looks through the files of a model folder, each of which may be absent, or what a GGUF file says as such.
  ///
  /// Training ends rows with the `eos_token` of tokenizer_config.json, else with the first `eos_token_id`
  /// of config.json, else of generation_config.json. Generation stops at all those of
  /// generation_config.json, else of config.json, and where training stopped.
  /// - Parameters:
  ///   - tokenizer: the folder of the tokenizer, if it is another one than the model's.
  ///   - token: the id that the tokenizer has for a token, if it has it.
  /// - Throws: `FileError`, `JSONError` where a file is not as expected.
  public init(
    inModelFolder folder: URL, tokenizer: URL? = nil, token: (String) -> Int32?
  ) throws {
    let texts = try ModelTexts(at: folder)
    let other = try tokenizer.map { try ModelTexts(at: $0) }
    let settings =
      try other?.json("tokenizer_config.json") ?? texts.json("tokenizer_config.json")
    let named = try settings.flatMap { try Self.named(in: $0, token) }
    let configured = try texts.json("config.json").map(Self.listed) ?? []
    let generated = try texts.json("generation_config.json").map(Self.listed) ?? []
    self.init(
      id: named ?? configured.first ?? generated.first,
      stops: Set(generated.isEmpty ? configured : generated))
  }

  /// The token that `eos_token` spells, either a string or an object with its `content`.
  private static func named(
    in file: JSONFile, _ token: (String) -> Int32?
  ) throws(JSONError) -> Int32? {
    let key = "eos_token"
    let isObject = file[key]?.object != nil
    let text = try isObject ? file.object(key).string("content") : file.optionalString(key)
    guard let text else { return nil }
    guard let id = token(text) else {
      throw file.error(key, "is \"\(text)\", which the tokenizer does not have")
    }
    return id
  }

  /// The tokens of `eos_token_id`, a number or a list of them.
  private static func listed(in file: JSONFile) throws(JSONError) -> [Int32] {
    let key = "eos_token_id"
    guard let value = file[key], value != .null else { return [] }
    var ids: [Int32] = []
    for element in value.array ?? [value] {
      guard let id = element.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
        throw file.mismatch(key, expected: "a token or a list of tokens")
      }
      ids.append(id)
    }
    return ids
  }
}
