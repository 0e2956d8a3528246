import Foundation

extension ModelFolder {
  /// `tokenizer.json`, where it is there.
  public var tokenizer: URL? { file("tokenizer.json") }

  /// The content of `tokenizer_config.json`, where it is there.
  ///
  /// - Throws: `JSONError`, `FileError`.
  public func tokenizerConfig() throws -> JSONFile? { try json("tokenizer_config.json") }

  /// The content of `generation_config.json`, where it is there.
  ///
  /// - Throws: `JSONError`, `FileError`.
  public func generationConfig() throws -> JSONFile? { try json("generation_config.json") }

  /// A file of the folder, where it is there.
  public func file(_ name: String) -> URL? {
    let file = url.appending(path: name)
    return file.isFile ? file : nil
  }

  /// The object in a file of the folder, where the file is there.
  ///
  /// - Throws: `JSONError`, `FileError`.
  public func json(_ name: String) throws -> JSONFile? {
    try file(name).map { try JSONFile(at: $0) }
  }

  /// The files that a copy of the model with other weights needs besides `config.json`: those of the
  /// tokenizer, of its templates, of generation and of images.
  public var companions: [URL] { Self.companions(in: url) }

  /// Those files of any folder.
  public static func companions(in folder: URL) -> [URL] {
    companionNames.map { folder.appending(path: $0) }.filter(\.isFile)
  }

  static let companionNames = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "spiece.model",
    "sentencepiece.bpe.model", "spm.model", "chat_template.jinja", "chat_template.json",
    "generation_config.json", "preprocessor_config.json",
  ]
}
