import LowRankCheckpoints

/// Tokens whose rows of a table are trained and saved, PEFT's `trainable_token_indices`.
///
/// The rows stand in the place of the table's own. Where the head is tied to the embeddings, it has them too.
public enum TrainedTokens: Hashable, Sendable {
  /// Tokens of the table of the model's tokens.
  case embeddings([Int])
  /// Tokens by the name of a module: a table, or the head.
  case modules([Module])

  /// The tokens of one module.
  public struct Module: Hashable, Sendable {
    /// The end of the module's path.
    public let name: String
    /// The tokens.
    public let tokens: [Int]

    /// Tokens of a module.
    public init(_ name: String, _ tokens: [Int]) {
      self.name = name
      self.tokens = tokens
    }
  }

  /// Reads PEFT's key: a list, or lists by module; nil where there is none.
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

  /// The value of PEFT's key.
  var json: JSONValue {
    func list(_ tokens: [Int]) -> JSONValue { .array(tokens.map { .integer($0) }) }
    switch self {
    case .embeddings(let tokens): return list(tokens)
    case .modules(let modules):
      return .object(JSONObject(modules.map { ($0.name, list($0.tokens)) }))
    }
  }

  /// All tokens that are named.
  public var tokens: [Int] {
    switch self {
    case .embeddings(let tokens): tokens
    case .modules(let modules): modules.flatMap(\.tokens)
    }
  }
}
