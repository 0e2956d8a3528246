import LowRankTransformers

extension AdapterConfiguration {
  /// The names, by their last component, by which PEFT's weight tying finds modules.
  private static let tiedNames: Set = ["embed_tokens", "lm_head"]

  /// Adds a head that is tied to the embeddings wherever the embeddings are selected, and vice versa, if the
  /// configuration ensures weight tying.
  ///
  /// PEFT stores the head's tensors too, so both are read.
  /// - Throws: `PatternError`.
  mutating func tie(in architecture: any Architecture) throws {
    guard ensuresTying, let causal = architecture as? CausalModel, causal.isHeadTied else { return }
    let both = [causal.backbone.tokenTable.path, causal.head.path]
    func isTied(_ name: String) -> Bool {
      Self.tiedNames.contains(String(name.split(separator: ".").last ?? ""))
    }
    if modulesToSave.contains(where: isTied) {
      modulesToSave = modulesToSave.filter { !isTied($0) } + both
      return
    }
    switch target.modules {
    case .named(let names) where names.contains(where: isTied):
      target.modules = .named(names.filter { !isTied($0) } + both)
    case .matching(let pattern) where Self.tiedNames.contains(where: pattern.matchesWhole):
      let paths = both.map { $0.replacing(".", with: "\\.") }.joined(separator: "|")
      target.modules = .matching(try PathPattern("(?:\(pattern))|\(paths)"))
    default: break
    }
  }
}
