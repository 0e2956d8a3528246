extension Tokenizer {
  /// Creates the tokenizer of a GGUF file.
  ///
  /// SentencePiece's byte pairs (`llama`) have merges by scores, fall back to bytes, and put a space before each text,
  /// also after an added token, unless the file says that they do not. Byte pairs of bytes (`gpt2`) cut texts into
  /// words as `tokenizer.ggml.pre` names it. Control and user-defined tokens are looked for first.
  ///
  /// - Throws: `TokenizerError` if the metadata contradict each other, or name a model or a way to cut words that is
  ///   not implemented.
  public init(_ vocabulary: GGUFVocabulary) throws(TokenizerError) {
    let list = try GGUFTokenList(vocabulary)
    let builder = try list.bytePairs(vocabulary)
    self.init(try list.pipeline(builder))
  }
}

extension GGUFTokenList {
  /// The text of the unknown token.
  var unknownText: [UInt8]? { unknown.map { Array(tokens[Int($0)].utf8) } }

  /// The vocabulary with its merges.
  func bytePairs(_ source: GGUFVocabulary) throws(TokenizerError) -> BytePairBuilder {
    var builder = BytePairBuilder(file: file, vocabulary: vocabulary)
    if source.merges.isEmpty {
      let scores = Array(source.scores.prefix(tokens.count))
      builder.take(ScoredMerges(tokens, in: vocabulary, scores: scores, first: spaces).pairs)
    } else {
      try builder.read(merges: source.merges)
    }
    return builder
  }

  func pipeline(_ builder: BytePairBuilder) throws(TokenizerError) -> Pipeline {
    let stages: Pipeline.Stages
    switch kind {
    case .sentencePiece(let addsSpacePrefix):
      let lowLine = MetaspacePreTokenizer.lowLine
      let spaces = ReplaceNormalizer(pattern: LiteralPattern([0x20]), content: lowLine)
      var decoders: [any Decoder] = [
        ReplaceDecoder(pattern: LiteralPattern(lowLine), content: [0x20]), ByteFallbackDecoder(),
        FuseDecoder(),
      ]
      if addsSpacePrefix { decoders.append(StripDecoder(content: [0x20], start: 1, stop: 0)) }
      stages = Pipeline.Stages(
        normalizer: addsSpacePrefix
          ? NormalizerSequence(stages: [PrependNormalizer(content: lowLine), spaces]) : spaces,
        model: try builder.model(
          isByteLevel: false, fallsBackToBytes: true, unknown: unknownText, fusesUnknown: true),
        postProcessor: postProcessor, decoder: DecoderSequence(stages: decoders))
    case .byteLevel(let words):
      stages = Pipeline.Stages(
        normalizer: words.isNFC ? UnicodeNormalizer.nfc : nil,
        preTokenizer: PreTokenizerSequence(stages: words.preTokenizers),
        model: try builder.model(isByteLevel: true, ignoresMerges: words.ignoresMerges),
        postProcessor: postProcessor, decoder: ByteLevelDecoder())
    }
    return Pipeline(stages, added: AddedTokenList(added.map(\.token), to: vocabulary))
  }

  /// What puts the begin and end tokens around each text.
  private var postProcessor: TemplatePostProcessor? {
    guard begin != nil || end != nil else { return nil }
    let before = begin.map { [TemplatePostProcessor.Token(id: $0)] } ?? []
    let after = end.map { [TemplatePostProcessor.Token(id: $0)] } ?? []
    let part = TemplatePostProcessor.Part(before: before, after: after)
    return TemplatePostProcessor(single: part, pair: [part, part.of(typeID: 1)])
  }
}

extension GGUFWords {
  /// The stages that cut a text into words.
  var preTokenizers: [any PreTokenizer] {
    var stages: [any PreTokenizer] = []
    if separatesNumerals { stages.append(SplitPreTokenizer.digits(individual: true)) }
    if let pattern = expression.flatMap(KnownPatterns.pattern) {
      stages.append(SplitPreTokenizer(pattern: pattern, behavior: .isolated))
    }
    stages.append(ByteLevelPreTokenizer(addsPrefixSpace: false, splits: expression == nil))
    return stages
  }
}
