/// How a byte-level vocabulary cuts a text into words: what a name in `tokenizer.ggml.pre` means.
///
/// The rules are those of the models' own tokenizers. llama.cpp has the same regular expressions, and does not
/// normalize the texts of Qwen's models, whose tokenizers do.
struct GGUFWords: Sendable {
  /// The regular expression of the words; nil for GPT-2's.
  var expression: String?
  /// Whether each numeral is cut off first.
  var separatesNumerals = false
  /// Whether texts are normalized to NFC.
  var isNFC = false
  /// Whether a word that is a token is that token, whatever the merges say.
  var ignoresMerges = false
  /// Whether the begin token is added if the file does not say.
  var addsBegin = false

  private static let llama3 = GGUFWords(
    expression: WordPattern.llama3, ignoresMerges: true, addsBegin: true)
  private static let qwen2 = GGUFWords(expression: WordPattern.qwen2, isNFC: true)
  private static let gpt4o = GGUFWords(expression: CapitalisedWordPattern.gpt4o)
  private static let tekken = GGUFWords(
    expression: CapitalisedWordPattern.tekken, ignoresMerges: true, addsBegin: true)

  /// The names that are known.
  ///
  /// `smaug-bpe` is what SmolLM3 and other models with Llama 3's vocabulary but without its begin token have, `dbrx`
  /// what Phi-4 has, and `gpt-4o` what Phi-4-mini has.
  private static let known: [String: GGUFWords] = [
    "default": GGUFWords(), "gpt-2": GGUFWords(),
    "smollm": GGUFWords(separatesNumerals: true),
    "llama3": llama3, "llama-v3": llama3, "llama-bpe": llama3, "falcon3": llama3,
    "pixtral": llama3,
    "smaug-bpe": GGUFWords(expression: WordPattern.llama3, ignoresMerges: true),
    "dbrx": GGUFWords(expression: WordPattern.llama3),
    "qwen2": qwen2, "deepseek-r1-qwen": qwen2,
    "qwen35": GGUFWords(expression: WordPattern.qwen35, isNFC: true),
    "gpt-4o": gpt4o, "llama4": gpt4o,
    "tekken": tekken, "mistral-bpe": tekken,
  ]

  /// The rules of a name; those of GPT-2 if there is none.
  static func named(_ name: String?, in file: String) throws(TokenizerError) -> GGUFWords {
    let name = name ?? "default"
    guard let words = known[name] else {
      throw .unknown("tokenizer.ggml.pre", name, in: file, known: known.keys.sorted())
    }
    return words
  }
}
