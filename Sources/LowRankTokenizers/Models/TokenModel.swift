/// What makes tokens of one word: byte-pair encoding, WordPiece, or unigram.
protocol TokenModel: Sendable {
  /// The tokens that the model knows.
  var vocabulary: Vocabulary { get }

  /// The token of what the vocabulary lacks; nil if there is none.
  var unknownToken: Int32? { get }

  /// Whether the model leaves out characters that the vocabulary lacks.
  var losesCharacters: Bool { get }

  /// Appends the tokens of one word, which stands at byte `offset` of the text, to a list.
  func encode(
    _ word: UnsafeBufferPointer<UInt8>, offset: Int, _ workspace: inout Workspace,
    to list: inout [WordToken])
}

extension TokenModel {
  var unknownToken: Int32? { nil }
  var losesCharacters: Bool { false }
}

extension JSONSection {
  /// The model that this object describes.
  func model(isByteLevel: Bool) throws(TokenizerError) -> any TokenModel {
    let type = try optionalString("type") ?? impliedType
    if type == "BPE" { return try bytePairModel(isByteLevel: isByteLevel) }
    guard ["WordPiece", "Unigram"].contains(type) else {
      throw unsupported("the model \"\(type)\"")
    }
    // The bytes are only turned into characters where another stage follows, or by the model.
    guard !isByteLevel else { throw unsupported("\(type) after ByteLevel") }
    return type == "Unigram" ? try unigramModel() : try wordPieceModel()
  }

  /// The type that an old file does not name but has the keys of.
  private var impliedType: String {
    if value("merges") != nil { return "BPE" }
    if value("max_input_chars_per_word") != nil { return "WordPiece" }
    return value("unk_id") != nil ? "Unigram" : "unknown"
  }
}
