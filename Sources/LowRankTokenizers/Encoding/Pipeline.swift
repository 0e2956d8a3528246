/// The stages of a tokenizer, in the order in which a text meets them.
final class Pipeline: Sendable {
  let added: AddedVocabulary
  let vocabularySize: Int
  private let stages: Stages
  private let losesCharacters: Bool
  private let workspaces = WorkspacePool()

  /// The stages as a file describes them.
  struct Stages: Sendable {
    var normalizer: (any Normalizer)?
    var preTokenizer: (any PreTokenizer)?
    var model: any TokenModel
    var postProcessor: (any PostProcessor)?
    var decoder: (any Decoder)?
  }

  init(_ stages: Stages, added list: AddedTokenList) {
    self.stages = stages
    losesCharacters = stages.model.losesCharacters
    var classes = ScalarClasses()
    added = AddedVocabulary(list, normalizer: stages.normalizer, &classes)
    vocabularySize = stages.model.vocabulary.count + list.newCount
  }

  func id(of token: [UInt8]) -> Int32? {
    added.id(of: token) ?? stages.model.vocabulary.id(of: token)
  }

  func token(of id: Int32) -> [UInt8]? {
    added.text(of: id) ?? stages.model.vocabulary.token(of: id)
  }

  var unknownToken: Int32? { stages.model.unknownToken }

  func encode(_ bytes: [UInt8], addSpecialTokens: Bool) -> Encoding {
    complete([tokens(of: bytes, typeID: 0)], of: [bytes], addSpecialTokens: addSpecialTokens)
  }

  /// Encodes two texts as one; at most `longest` tokens where it is given.
  func encode(
    _ first: [UInt8], _ second: [UInt8], addSpecialTokens: Bool, longest: Int?,
    _ truncation: PairTruncation
  ) throws(TokenizerError) -> Encoding {
    var encodings = [tokens(of: first, typeID: 0), tokens(of: second, typeID: 1)]
    if let longest {
      let added = addSpecialTokens ? stages.postProcessor?.addedCount(texts: 2) ?? 0 : 0
      guard longest >= added,
        let (left, right) = truncation.lengths(
          encodings[0].count, encodings[1].count, room: longest - added)
      else { throw .tooLong(limit: longest, truncation: truncation) }
      encodings[0].truncate(to: left)
      encodings[1].truncate(to: right)
    }
    return complete(encodings, of: [first, second], addSpecialTokens: addSpecialTokens)
  }

  private func tokens(of bytes: [UInt8], typeID: Int32) -> Encoding {
    precondition(bytes.count < Int32.max / 4, "a text of \(bytes.count) bytes is too long")
    var encoding = workspaces.with { workspace in
      var text = added.split(bytes, normalizer: stages.normalizer, &workspace.classes)
      stages.preTokenizer?.apply(to: &text, &workspace.classes)
      return encode(text, of: bytes, &workspace)
    }
    encoding.typeIDs = Array(repeating: typeID, count: encoding.count)
    return encoding
  }

  private func complete(
    _ encodings: [Encoding], of texts: [[UInt8]], addSpecialTokens: Bool
  ) -> Encoding {
    var encodings = encodings
    let context = PostProcessing(
      addsSpecialTokens: addSpecialTokens,
      modelToken: { [added, stages] id in
        added.text(of: id) == nil ? stages.model.vocabulary.token(of: id) : nil
      })
    stages.postProcessor?.apply(to: &encodings, of: texts, context)
    var result = encodings.removeFirst()
    for encoding in encodings { result.append(encoding) }
    return result
  }

  private func encode(
    _ text: PreTokenizedText, of original: [UInt8], _ workspace: inout Workspace
  ) -> Encoding {
    var tokens: [WordToken] = []
    var lost = LostBytes()
    tokens.reserveCapacity(text.pieces.count + text.text.bytes.count / 4)
    text.text.bytes.withUnsafeBufferPointer { bytes in
      for piece in text.pieces {
        if piece.token >= 0 {
          tokens.append(WordToken(id: piece.token, start: piece.start, end: piece.end))
        } else {
          let word = UnsafeBufferPointer(rebasing: bytes[piece.range])
          let first = tokens.count
          stages.model.encode(word, offset: Int(piece.start), &workspace, to: &tokens)
          if losesCharacters { lost.add(piece.range, without: tokens[first...], text.text) }
        }
      }
    }
    return Encoding(
      ids: tokens.map(\.id),
      offsets: tokens.map { text.text.original(of: Int($0.start)..<Int($0.end)) },
      isSpecial: Array(repeating: false, count: tokens.count),
      lost: losesCharacters ? lost.text(of: original) : nil)
  }

  func partialBytes(of id: Int32) -> [UInt8]? {
    token(of: id).flatMap { stages.decoder?.partialBytes(of: $0) }
  }

  func decode(_ ids: some Sequence<Int32>, skipSpecialTokens: Bool) -> [UInt8] {
    var tokens: [[UInt8]] = []
    for id in ids {
      guard let token = token(of: id) else { continue }
      if skipSpecialTokens, added.isSpecial(token) { continue }
      tokens.append(token)
    }
    guard let decoder = stages.decoder else { return Array(tokens.joined(separator: [0x20])) }
    return Array(decoder.decode(tokens).joined())
  }
}
