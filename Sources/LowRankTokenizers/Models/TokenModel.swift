/// What makes tokens of one word: byte-pair encoding, or WordPiece.
protocol TokenModel: Sendable {
  /// The tokens that the model knows.
  var vocabulary: Vocabulary { get }

  /// Appends the tokens of one word, which stands at byte `offset` of the text, to a list.
  func encode(
    _ word: UnsafeBufferPointer<UInt8>, offset: Int, _ workspace: inout Workspace,
    to list: inout [WordToken])
}

extension JSONSection {
  /// The model that this object describes.
  func model(isByteLevel: Bool) throws(TokenizerError) -> any TokenModel {
    // Old files of byte-pair models do not name their type.
    let type = try optionalString("type") ?? (value("merges") == nil ? "unknown" : "BPE")
    switch type {
    case "BPE": return try bytePairModel(isByteLevel: isByteLevel)
    case "WordPiece":
      // The bytes are only turned into characters where another stage follows, or by the model.
      guard !isByteLevel else { throw unsupported("WordPiece after ByteLevel") }
      return try wordPieceModel()
    default: throw unsupported("the model \"\(type)\"")
    }
  }
}
