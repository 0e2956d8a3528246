extension Tokenizer {
  /// Creates the tokenizer of a GGUF file.
  public init(_ vocabulary: GGUFVocabulary) throws(TokenizerError) {
    throw .unsupported(file: vocabulary.file, feature: "the tokenizer of a GGUF file (not built yet)")
  }
}

extension GGUFVocabulary {
  /// A `tokenizer.json` with the same ids.
  public func tokenizerJSON() throws(TokenizerError) -> [UInt8] {
    throw .unsupported(file: file, feature: "the tokenizer of a GGUF file (not built yet)")
  }

  /// A `tokenizer_config.json` that belongs to `tokenizerJSON()`.
  public func tokenizerConfig(chatTemplate: String?) -> [UInt8] { Array("{}".utf8) }
}
