/// The vocabulary that a GGUF file holds in its `tokenizer.ggml` metadata.
public struct GGUFVocabulary: Hashable, Sendable {
  /// The file's name, for errors.
  public var file: String
  /// `general.name`, which Phi-3's files are known by; nil if the file has none.
  public var name: String?
  /// `tokenizer.ggml.model`: `llama` is SentencePiece's byte pairs with scores, `gpt2` byte pairs of bytes with merges.
  public var model: String
  /// `tokenizer.ggml.pre`: how `gpt2` cuts a text into words.
  public var pre: String?
  /// `tokenizer.ggml.tokens`, by id.
  public var tokens: [String]
  /// `tokenizer.ggml.scores`; empty if the file has none.
  public var scores: [Float] = []
  /// `tokenizer.ggml.token_type`; empty if the file has none.
  ///
  /// 1 is a normal token, 2 the unknown one, 3 a control token, 4 a user-defined one, 5 an unused one, 6 a byte.
  public var types: [Int32] = []
  /// `tokenizer.ggml.merges`: pairs of tokens with a space between, the first to apply first.
  public var merges: [String] = []
  /// `tokenizer.ggml.bos_token_id`.
  public var begin: Int32?
  /// `tokenizer.ggml.eos_token_id`.
  public var end: Int32?
  /// `tokenizer.ggml.unknown_token_id`.
  public var unknown: Int32?
  /// `tokenizer.ggml.padding_token_id`.
  public var padding: Int32?
  /// `tokenizer.ggml.seperator_token_id`, as the format spells it.
  public var separator: Int32?
  /// `tokenizer.ggml.mask_token_id`.
  public var mask: Int32?
  /// `tokenizer.ggml.eot_token_id`: what ends a turn of a conversation.
  public var endOfTurn: Int32?
  /// `tokenizer.ggml.add_bos_token`.
  public var addsBegin: Bool?
  /// `tokenizer.ggml.add_eos_token`.
  public var addsEnd: Bool?
  /// `tokenizer.ggml.add_space_prefix`.
  public var addsSpacePrefix: Bool?
  /// `tokenizer.ggml.remove_extra_whitespaces`; as in llama.cpp, neither of the two models looks at it.
  public var removesExtraWhitespaces: Bool?

  /// Creates a vocabulary of tokens alone; what else the file says is set afterwards.
  public init(file: String, model: String, tokens: [String]) {
    self.file = file
    self.model = model
    self.tokens = tokens
  }
}
