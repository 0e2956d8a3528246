import LowRankProgress
import LowRankTensors
import LowRankTransformers

extension Model {
  /// The model with an adapter worked into its weights: `W' = W + ΔW`, worked out in f32 and stored as W was, or in F32 where
  /// W was packed.
  ///
  /// The model itself keeps its weights, so going back is to go on using it. Where the head is tied to the embeddings and
  /// the adapter changes one of them, the merged model's head is untied, which its configuration and ``notes`` say.
  ///
  /// - Throws: `AdapterError.notFinite` where a merged weight would hold a number that is not finite.
  public func merging(_ adapter: Adapter) throws -> Model {
    precondition(
      adapter.sites.allSatisfy { store.contains($0.map.weight) }, "the adapter is on another model")
    var merged = adapter.changesTiedWeight(of: architecture) ? untied() : self
    let architecture = merged.architecture
    for (path, _, parameter) in architecture.uses {
      guard let own = adapter.replacements[path] else { continue }
      merged.store[parameter] = engine.converted(
        adapter.values[own], to: merged.store[parameter].type.unpacked)
    }
    for (path, _, parameter) in architecture.uses {
      guard let own = adapter.ownRows[path] else { continue }
      merged.store[parameter] = Computation(engine: engine).replacingRows(
        of: merged.store[parameter], at: own.numbers, by: adapter.values[own.rows])
    }
    var values = merged.store
    values.merge(adapter.values)
    let pass = Pass(
      compute: Computation(engine: engine), store: values, rows: PackedRows(lengths: []))
    let updates = Dictionary(uniqueKeysWithValues: zip(adapter.sites.map(\.path), adapter.updates))
    let work = Work("merging", of: adapter.sites.count + adapter.embeddings.count, .modules)
    defer { work.end() }
    try architecture.places { site, place in
      switch place {
      case .linear(let map):
        guard let update = updates[site.path] else { return }
        let weight = update.adaptedWeight(map.dense(merged.store, engine), pass)
        try checkFinite(weight, at: site.path)
        map.replaceWeight(with: weight, in: &merged.store, engine)
        work.advance()
      case .embedding(let map):
        guard let update = adapter.embeddings[site.path] else { return }
        let table = update.adapted(merged.store[map.weight], pass)
        try checkFinite(table, at: site.path)
        merged.store[map.weight] = engine.converted(
          table, to: merged.store[map.weight].type.unpacked)
        work.advance()
      case .plain: return
      }
    }
    return merged
  }

  private func checkFinite(_ weight: Tensor, at path: String) throws(AdapterError) {
    guard engine.sumOfSquares(weight).isFinite else {
      throw .notFinite(file: "the merged model", name: path + ".weight")
    }
  }
}

extension Adapter {
  /// Whether the adapter changes a head that is tied to the embeddings, or the embeddings it is tied to.
  fileprivate func changesTiedWeight(of architecture: any Architecture) -> Bool {
    guard let causal = architecture as? CausalModel, causal.isHeadTied else { return false }
    let shared = causal.head.weight
    let changed = Set(sites.map(\.path)).union(embeddings.keys)
    let uses = architecture.uses.filter { $0.parameter == shared }
    // A replacement that all uses share does not untie them.
    return uses.contains { changed.contains($0.module) }
      || Set(uses.map { replacements[$0.path] }).count > 1
      || Set(uses.map { ownRows[$0.path] }).count > 1
  }
}
