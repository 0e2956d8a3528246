/// A chat template that is known by a name.
///
/// Each writes turns of system, user and assistant as the models that made the format known do, and marks what the model
/// writes with `{% generation %}`. A row with tools is refused, since none of the formats has a place for them.
public enum NamedTemplate: String, Hashable, Sendable, CaseIterable {
  /// `<|im_start|>role … <|im_end|>`, as Qwen 2 and many others write it.
  case chatml
  /// `<|start_header_id|>role<|end_header_id|> … <|eot_id|>`, as Llama 3 Instruct.
  case llama3
  /// ` [INST] … [/INST]`, as Mistral 7B Instruct 0.1 and 0.2; the system's text stands before the first question.
  case mistral
  /// `<start_of_turn>role … <end_of_turn>`, as Gemma 3; the system's text stands before the first question.
  case gemma
  /// `### Instruction:` and `### Response:`, as Stanford Alpaca; a system's text replaces the introduction.
  case alpaca
  /// `<|user|> …`, as Zephyr 7B.
  case zephyr

  /// The named template that has a text; nil for any other text.
  public init?(source: String) {
    guard let found = Self.allCases.first(where: { $0.source.utf8.elementsEqual(source.utf8) })
    else { return nil }
    self = found
  }

  /// The texts that are single tokens of the models that made the format known.
  ///
  /// The role marks of `mistral`, `alpaca` and `zephyr` are ordinary text there, and `eos_token` ends a turn.
  public var specialTokens: [String] {
    switch self {
    case .chatml: ["<|im_start|>", "<|im_end|>"]
    case .llama3: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    case .gemma: ["<start_of_turn>", "<end_of_turn>"]
    case .mistral, .alpaca, .zephyr: []
    }
  }

  /// The template's text.
  public var source: String {
    let end = endsWithToken ? Self.requiringEnd : ""
    return "{#- The chat template \(rawValue). -#}\n" + Self.texts + end + body
  }

  private var endsWithToken: Bool { [.mistral, .alpaca, .zephyr].contains(self) }

  private var body: String {
    switch self {
    case .chatml: Self.chatmlBody
    case .llama3: Self.llama3Body
    case .mistral: Self.mistralBody
    case .gemma: Self.gemmaBody
    case .alpaca: Self.alpacaBody
    case .zephyr: Self.zephyrBody
    }
  }
}
