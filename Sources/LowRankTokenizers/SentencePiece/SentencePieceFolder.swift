extension TokenizerFolder {
  /// DeBERTa's `spm.model`, of whose own normalization the reference makes no use.
  func debertaV2() throws(TokenizerError) -> (Pipeline.Stages, AddedTokenList) {
    let source = try SentencePieceFile(file("spm.model"))
    let special = try SpecialTokens(
      self,
      [
        .begin: "[CLS]", .end: "[SEP]", .unknown: "[UNK]", .separator: "[SEP]",
        .padding: "[PAD]", .classifier: "[CLS]", .mask: "[MASK]",
      ], extra: source.markedTokens)
    var pieces = UnigramPieces(file: source.file, key: "pieces", capacity: source.pieces.count)
    for piece in source.pieces { try pieces.append(piece.text.utf8, score: Double(piece.score)) }
    let unknown = special.named[.unknown].flatMap { pieces.neutralID(of: $0.content) }
    let model = try pieces.model(
      unknown: unknown ?? source.unknownID, named: "trainer_spec.unk_id", fallsBackToBytes: false)

    var normalizers: [any Normalizer] = []
    if try bool("do_lower_case", default: false) { normalizers.append(LowercaseNormalizer()) }
    normalizers += [
      ReplaceNormalizer(pattern: SpaceToTidyPattern(), content: [0x20]), UnicodeNormalizer.nfc,
      StripNormalizer(left: false, right: true),
    ]
    var words: [any PreTokenizer] = []
    if try bool("split_by_punct", default: false) {
      words.append(SplitPreTokenizer.punctuation(.isolated))
    }
    let adds = try bool("add_prefix_space", default: true)
    words.append(MetaspacePreTokenizer(prepend: adds ? .always : .first))

    let added = special.added(to: model.vocabulary)
    let stages = Pipeline.Stages(
      normalizer: NormalizerSequence(stages: normalizers),
      preTokenizer: PreTokenizerSequence(stages: words),
      model: model,
      postProcessor: TemplatePostProcessor(
        first: added.id(of: special.named[.classifier]),
        last: added.id(of: special.named[.separator])),
      decoder: MetaspaceDecoder(replacement: MetaspacePreTokenizer.lowLine, dropsFirst: true))
    return (stages, added)
  }

  /// XLM-RoBERTa's `sentencepiece.bpe.model`: its first three pieces give way to four tokens of
  /// fairseq, and the mask follows the last.
  func xlmRoberta() throws(TokenizerError) -> (Pipeline.Stages, AddedTokenList) {
    let source = try SentencePieceFile(file("sentencepiece.bpe.model"))
    let special = try SpecialTokens(
      self,
      [
        .begin: "<s>", .end: "</s>", .unknown: "<unk>", .separator: "</s>", .padding: "<pad>",
        .classifier: "<s>", .mask: "<mask>",
      ], extra: source.markedTokens)
    var pieces = UnigramPieces(
      file: source.file, key: "pieces", capacity: source.pieces.count + 2)
    func append(_ role: SpecialTokens.Role) throws(TokenizerError) {
      try pieces.append(special.named[role]?.content ?? [], score: 0)
    }
    for role in [SpecialTokens.Role.begin, .padding, .end, .unknown] { try append(role) }
    for piece in source.pieces.dropFirst(3) {
      try pieces.append(piece.text.utf8, score: Double(piece.score))
    }
    try append(.mask)
    let model = try pieces.model(unknown: 3, named: "unk_token", fallsBackToBytes: false)

    let adds = try bool("add_prefix_space", default: true)
    let added = special.added(to: model.vocabulary)
    let stages = Pipeline.Stages(
      normalizer: try source.normalizer(),
      preTokenizer: PreTokenizerSequence(stages: [
        SplitPreTokenizer.whitespaceSplit, MetaspacePreTokenizer(prepend: adds ? .always : .never),
      ]),
      model: model,
      postProcessor: TemplatePostProcessor(
        first: added.id(of: special.named[.begin]), lastOfBoth: added.id(of: special.named[.end])),
      decoder: MetaspaceDecoder(replacement: MetaspacePreTokenizer.lowLine, dropsFirst: adds))
    return (stages, added)
  }
}
