import LowRankTensors
import LowRankTransformers

/// An embedding or head of which single rows are trained.
struct TokenPlace {
  /// The module's path.
  let module: String
  /// The module's weight in the base.
  let weight: Parameter
  /// The token ids, each once.
  let tokens: [Int32]
  /// The paths at which the rows are used, which include a tied head.
  var uses: [String]

  /// The suffix that PEFT adds to the module's path to name the rows.
  static let suffix = ".token_adapter.trainable_tokens_delta"
  /// The suffix that PEFT adds to the module's path if it saves the whole weight beside the rows.
  static let wholeSuffix = ".token_adapter.base_layer.weight"
}

extension AdapterConfiguration {
  /// Finds the modules with trained token rows, by PEFT's rules.
  ///
  /// A tied head follows the embeddings, unless the configuration names other tokens for it.
  /// - Throws: `AdapterError` if a name matches nothing, or a token does not exist.
  func tokenPlaces(in architecture: any Architecture) throws(AdapterError) -> [TokenPlace] {
    guard let trainedTokens else { return [] }
    let key = "trainable_token_indices"
    let table = architecture.backbone.tokenTable.path
    let tied = (architecture as? CausalModel).flatMap { $0.isHeadTied ? $0.head.path : nil }
    var named: [TrainedTokens.Module] =
      switch trainedTokens {
      case .embeddings(let tokens): [TrainedTokens.Module(table, tokens)]
      case .modules(let modules): modules
      }
    let shared = named.filter { module in
      table.hasSuffix(module.name) || tied?.hasSuffix(module.name) == true
    }
    let differ =
      tied != nil && shared.count > 1 && shared.contains { $0.tokens != shared[0].tokens }
    guard !differ || !ensuresTying else {
      throw .invalid(
        key: key, value: "not the same for the embeddings and the head",
        expected: "the same tokens, as \"ensure_weight_tying\" asks for")
    }
    if shared.count > 1, !differ { named.removeAll { $0.name == tied } }
    var places: [TokenPlace] = []
    for module in named {
      let found = architecture.tablesAndHeads.filter { $0.path.hasSuffix(module.name) }
      guard !found.isEmpty else {
        throw .unmatched(key: key, name: module.name, names: architecture.moduleNames)
      }
      for (path, weight) in found {
        places.append(
          TokenPlace(
            module: path, weight: weight, tokens: try Self.checked(module.tokens, of: path, weight),
            uses: [path + ".weight"]))
      }
    }
    if let tied, !differ, let index = places.firstIndex(where: { $0.module == table }) {
      places[index].uses.append(tied + ".weight")
    }
    return places
  }

  private static func checked(
    _ tokens: [Int], of module: String, _ weight: Parameter
  ) throws(AdapterError) -> [Int32] {
    let key = "trainable_token_indices"
    var seen: Set<Int> = []
    var result: [Int32] = []
    for token in tokens {
      guard (0..<weight.shape[0]).contains(token) else {
        throw .invalid(
          key: key, value: "\(token) for \(module)",
          expected: "tokens from 0 to \(weight.shape[0] - 1)")
      }
      guard seen.insert(token).inserted else {
        throw .invalid(key: key, value: "\(token) twice", expected: "each token once")
      }
      result.append(Int32(token))
    }
    return result
  }
}

extension Architecture {
  /// The embeddings, and the head of a language model.
  fileprivate var tablesAndHeads: [(path: String, weight: Parameter)] {
    var found: [(String, Parameter)] = []
    places { site, place in
      switch place {
      case .embedding(let map): found.append((site.path, map.weight))
      case .linear(let map) where site.role == .head && self is CausalModel:
        found.append((site.path, map.weight))
      default: break
      }
    }
    return found
  }
}
