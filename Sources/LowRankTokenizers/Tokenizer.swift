import Foundation

/// Text to token ids and back, as a Hugging Face `tokenizer.json` describes it.
///
/// Ids and offsets equal those of PyPI `tokenizers` 0.23. What is implemented: byte-pair encoding at
/// the level of bytes (GPT-2, RoBERTa, Llama 3, Qwen) and of characters with fallback to bytes (Llama
/// 2), WordPiece (BERT), and unigram (DeBERTa, XLM-RoBERTa, ALBERT, T5). Any component that is not is
/// an error which names it. Three differences are meant: the file's `truncation` and `padding` are
/// ignored, because training and generation cut and pad by their own rules; offsets count bytes of
/// UTF-8 instead of characters; and where a vocabulary leaves out characters that it does not know, or
/// a normalizer the first ones of a text, the offsets of what follows stay right.
public struct Tokenizer: Sendable {
  private let pipeline: Pipeline

  /// Reads the tokenizer of a model folder: `tokenizer.json`, else a vocabulary of its own format.
  ///
  /// Tokens that only `tokenizer_config.json` or, without `added_tokens_decoder` there, `added_tokens.json` and
  /// `special_tokens_map.json` name are added to those of `tokenizer.json`, as transformers 5.23 adds them. The other
  /// formats are `vocab.txt` (BERT, DistilBERT), `vocab.json` with `merges.txt` (GPT-2, RoBERTa),
  /// `spm.model` (DeBERTa-v2 and v3) and `sentencepiece.bpe.model` (XLM-RoBERTa). Which of them, and
  /// how it is used, `tokenizer_config.json` and `config.json` say, as for transformers 5.23.
  ///
  /// - Throws: `TokenizerError` where there is none of them, or a file is broken or needs something
  ///   that is not implemented.
  public init(folder: URL) throws(TokenizerError) {
    let file = folder.appendingPathComponent("tokenizer.json")
    let isOneFile = TokenizerFile.isThere(file)
    pipeline =
      isOneFile
      ? try Pipeline(file: file, in: TokenizerFolder(folder)) : try Pipeline(folder: folder)
  }

  /// Reads a `tokenizer.json`.
  public init(file: URL) throws(TokenizerError) {
    pipeline = try Pipeline(file: file)
  }

  init(_ pipeline: Pipeline) { self.pipeline = pipeline }

  /// The token of characters that the vocabulary lacks; nil if there is none.
  public var unknownToken: Int32? { pipeline.unknownToken }

  /// The number of tokens, added ones included.
  public var vocabularySize: Int { pipeline.vocabularySize }

  /// The tokens that are looked for in the text before any other rule applies, special ones included.
  public var addedTokens: [AddedToken] { pipeline.added.tokens }

  /// The added tokens that decoding leaves out unless asked not to.
  public var specialTokens: [AddedToken] { addedTokens.filter(\.isSpecial) }

  /// The id of a token, spelled as in the vocabulary.
  public func id(of token: String) -> Int32? { pipeline.id(of: Array(token.utf8)) }

  /// The token of an id, spelled as in the vocabulary.
  public func token(of id: Int32) -> String? {
    pipeline.token(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Encodes a text.
  ///
  /// - Parameter addSpecialTokens: Whether the file's post-processor puts its tokens around the text.
  public func encode(_ text: String, addSpecialTokens: Bool = true) -> Encoding {
    pipeline.encode(Array(text.utf8), addSpecialTokens: addSpecialTokens)
  }

  /// Encodes the UTF-8 bytes of a text.
  ///
  /// - Throws: `TokenizerError.notUTF8` where they are none.
  public func encode(
    utf8 bytes: [UInt8], addSpecialTokens: Bool = true
  ) throws(TokenizerError) -> Encoding {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    return pipeline.encode(bytes, addSpecialTokens: addSpecialTokens)
  }

  /// Encodes two texts as one, such as a question and its answer.
  ///
  /// The type ids tell the texts apart. Offsets count from the start of the token's own text.
  ///
  /// - Parameters:
  ///   - addSpecialTokens: Whether the file's post-processor puts its tokens around the texts.
  ///   - longest: The number of tokens, special ones included, that are never exceeded.
  ///   - truncation: Which text is cut for that.
  /// - Throws: `TokenizerError.tooLong` where the text that may be cut is too short.
  public func encodePair(
    _ first: String, _ second: String, addSpecialTokens: Bool = true, longest: Int? = nil,
    truncation: PairTruncation = .longestFirst
  ) throws(TokenizerError) -> Encoding {
    try pipeline.encode(
      Array(first.utf8), Array(second.utf8), addSpecialTokens: addSpecialTokens, longest: longest,
      truncation)
  }

  /// The text of some tokens.
  ///
  /// Ids that belong to no token are left out, and bytes that are no UTF-8 become replacement
  /// characters.
  public func decode(_ ids: some Sequence<Int32>, skipSpecialTokens: Bool = true) -> String {
    String(decoding: pipeline.decode(ids, skipSpecialTokens: skipSpecialTokens), as: UTF8.self)
  }

  /// The bytes of a token that is a part of a character, or has one at an end; nil for tokens that are whole texts.
  public func partialBytes(of id: Int32) -> [UInt8]? { pipeline.partialBytes(of: id) }
}
