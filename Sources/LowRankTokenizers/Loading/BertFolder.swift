import Foundation

extension TokenizerFolder {
  /// BERT's `vocab.txt`, in which every line is a token.
  func bert() throws(TokenizerError) -> (Pipeline.Stages, AddedTokenList) {
    let special = try SpecialTokens(
      self,
      [
        .unknown: "[UNK]", .separator: "[SEP]", .padding: "[PAD]", .classifier: "[CLS]",
        .mask: "[MASK]",
      ])
    let name = file("vocab.txt")
    let vocabulary = try Vocabulary(lines: TokenizerFile.read(name), file: name.relativePath)
    let unknown = special.named[.unknown]?.content ?? []
    let lowercases = try bool("do_lower_case", default: true)
    let added = special.added(to: vocabulary)
    let stages = Pipeline.Stages(
      normalizer: BertNormalizer(
        cleansText: true,
        separatesChinese: try bool("tokenize_chinese_chars", default: true),
        stripsAccents: try bool("strip_accents", default: lowercases), lowercases: lowercases),
      preTokenizer: PreTokenizerSequence(stages: SplitPreTokenizer.bert),
      model: try WordPieceModel(
        vocabulary: vocabulary, unknownToken: unknown, file: name.relativePath),
      postProcessor: TemplatePostProcessor(
        first: added.id(of: special.named[.classifier]),
        last: added.id(of: special.named[.separator])),
      decoder: WordPieceDecoder(prefix: WordPieceModel.continuation, cleansUp: true))
    return (stages, added)
  }
}

extension Vocabulary {
  /// Reads a file of one token a line, whose number is the id.
  init(lines bytes: [UInt8], file: String) throws(TokenizerError) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    self.init(capacity: lines.count)
    guard lines.count <= Self.largestID else {
      throw .malformed(file: file, problem: "it has more than \(Self.largestID) lines")
    }
    for (id, line) in lines.enumerated() {
      let token = line.withUnsafeBufferPointer { line in
        var end = line.count
        while end > 0 {
          let last = UTF8Text.start(before: end, in: line)
          guard UnicodeProperties.isSpace(UTF8Text.scalar(in: line, at: last).value) else { break }
          end = last
        }
        return Array(line[..<end])
      }
      // Of tokens that are nothing but white space nothing is left, and none of them is ever met.
      guard token.withUnsafeBufferPointer({ insert($0, id: Int32(id)) }) || token.isEmpty else {
        let name = String(decoding: token, as: UTF8.self)
        throw .malformed(file: file, problem: "line \(id + 1) has \"\(name)\" a second time")
      }
    }
  }
}
