import LowRankCheckpoints

/// Tokens to train and save single rows of an embedding for, as with PEFT's `trainable_token_indices`.
///
/// The trained rows replace those of the embedding, and of a head that is tied to it.
public enum TrainedTokens: Hashable, Sendable {
  /// Tokens of the model's token embeddings.
  case embeddings([Int])
  /// Tokens by the name of a module, an embedding or the head.
  case modules([Module])

  /// The tokens of one module.
  public struct Module: Hashable, Sendable {
    /// The last components of the module's path.
    public let name: String
    /// The token ids.
    public let tokens: [Int]

    /// Creates the tokens of one module.
    public init(_ name: String, _ tokens: [Int]) {
      self.name = name
      self.tokens = tokens
    }
  }

  /// Reads the value of PEFT's key, a list or lists by module; nil if absent.
  ///
  /// - Throws: `JSONError` for anything else.
  init?(_ config: some JSONFields) throws(JSONError) {
    let key = "trainable_token_indices"
    switch config[key] {
    case nil, .null: return nil
    case .array: self = .embeddings(try config.optionalIntegers(key) ?? [])
    case .object:
      let table = try config.object(key)
      var modules: [Module] = []
      for name in table.allKeys {
        modules.append(Module(name, try table.optionalIntegers(name) ?? []))
      }
      self = .modules(modules)
    default:
      throw config.mismatch(key, expected: "a list of tokens, or an object of such lists")
    }
    if tokens.isEmpty { return nil }
  }

  /// The value for PEFT's key.
  var json: JSONValue {
    func list(_ tokens: [Int]) -> JSONValue { .array(tokens.map { .integer($0) }) }
    switch self {
    case .embeddings(let tokens): return list(tokens)
    case .modules(let modules):
      return .object(JSONObject(modules.map { ($0.name, list($0.tokens)) }))
    }
  }

  /// All the tokens.
  public var tokens: [Int] {
    switch self {
    case .embeddings(let tokens): tokens
    case .modules(let modules): modules.flatMap(\.tokens)
    }
  }
}
