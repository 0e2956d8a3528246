import Foundation
import LowRank

/// What the files beside a tokenizer call it and its tokens.
struct TokenizerNames: Sendable {
  /// The class of transformers that reads it; nil where no file names one.
  let className: String?
  /// The token that fills rows up; nil where there is none.
  let padding: String?

  /// Reads the files of a folder, each of which may be absent, or what a GGUF file says as such.
  ///
  /// - Throws: `FileError`, `JSONError`, `GGUFError`.
  init(at place: URL) throws {
    let texts = try ModelTexts(at: place)
    let settings = try texts.json("tokenizer_config.json")
    // A GGUF file names no class.
    className = texts.folder == nil ? nil : settings?["tokenizer_class"]?.string
    padding =
      try Self.token("pad_token", in: settings)
      ?? Self.token("pad_token", in: texts.json("special_tokens_map.json"))
  }

  /// A token that is given as a text, or as an object with its text.
  private static func token(_ key: String, in file: JSONFile?) -> String? {
    let value = file?[key]
    return value?.string ?? value?.object?["content"]?.string
  }
}
