import LowRankTransformers

extension TrainedTokens {
  /// Rows for tokens that are added to a model: of the embeddings, and of a head that is not tied to them.
  ///
  /// - Parameters:
  ///   - added: the ids of the added tokens.
  ///   - others: tokens of the embeddings that are trained besides.
  ///   - saved: modules that are trained whole, by name, which need no rows.
  /// - Returns: nil if no rows are needed.
  /// - Throws: `AdapterError` if only one of two tied modules is trained whole.
  public init?(
    adding added: [Int], beside others: [Int], in architecture: CausalModel,
    savingWhole saved: [String]
  ) throws(AdapterError) {
    let (table, head) = (architecture.backbone.tokenTable.path, architecture.head.path)
    func isSaved(_ path: String) -> Bool {
      saved.contains { path == $0 || path.hasSuffix("." + $0) }
    }
    let tokens = others + added.filter { !others.contains($0) }
    guard !tokens.isEmpty else { return nil }
    if architecture.isHeadTied {
      guard !isSaved(table), !isSaved(head) else {
        throw .invalid(
          key: "modules_to_save", value: "for \(isSaved(table) ? table : head)",
          expected:
            "neither the embeddings nor the head, which is tied to them: rows of added tokens are trained in both"
        )
      }
      self = .embeddings(tokens)
      return
    }
    var modules: [Module] = []
    func name(_ path: String) -> String { String(path.split(separator: ".").last ?? "") }
    if !isSaved(table), !tokens.isEmpty { modules.append(Module(name(table), tokens)) }
    if !isSaved(head), !added.isEmpty { modules.append(Module(name(head), added)) }
    guard !modules.isEmpty else { return nil }
    self = .modules(modules)
  }
}
