import LowRankTensors
import LowRankTransformers

/// The weights of a base with an adapter's update in them, worked out one at a time: `W' = W + ΔW` in f32.
struct MergedWeights {
  /// The base, with a head of its own where the adapter changes only one of two tied weights.
  let base: Model
  /// The parameters that the adapter changes, each once, in the order of the model.
  let changed: [Parameter]
  /// What was noted of the base before.
  let ownNotes: [String]
  private let adapter: Adapter
  private let updates: [String: any Update]
  private let pass: Pass

  /// The weights of a base with an adapter that was made for it.
  init(_ adapter: Adapter, on model: Model) {
    precondition(
      adapter.sites.allSatisfy { model.store.contains($0.map.weight) },
      "the adapter is on another model")
    let base = adapter.changesTiedWeight(of: model.architecture) ? model.untied() : model
    let updates = Dictionary(uniqueKeysWithValues: zip(adapter.sites.map(\.path), adapter.updates))
    var found: Set<Parameter> = []
    for (path, _, parameter) in base.architecture.uses
    where adapter.replacements[path] != nil || adapter.ownRows[path] != nil {
      found.insert(parameter)
    }
    base.architecture.places { site, place in
      switch place {
      case .linear(let map) where updates[site.path] != nil: found.insert(map.weight)
      case .embedding(let map) where adapter.embeddings[site.path] != nil: found.insert(map.weight)
      default: break
      }
    }
    var values = base.store
    values.merge(adapter.values)
    changed = base.architecture.parameters.filter { found.contains($0) }
    pass = Pass(
      compute: Computation(engine: base.engine), store: values, rows: PackedRows(lengths: []))
    (self.base, self.adapter, self.updates) = (base, adapter, updates)
    ownNotes = model.notes
  }

  /// The value of a parameter that the adapter changes, f32 in the layout of the base.
  ///
  /// - Throws: `AdapterError.notFinite` where it would hold a number that is not finite.
  func value(of parameter: Parameter) throws(AdapterError) -> Tensor {
    let (architecture, engine) = (base.architecture, base.engine)
    let uses = architecture.uses.filter { $0.parameter == parameter }
    let whole = uses.compactMap { adapter.replacements[$0.path] }.last
    var value = engine.converted(
      whole.map { adapter.values[$0] } ?? base.store[parameter], to: .float32)
    for own in uses.compactMap({ adapter.ownRows[$0.path] }) {
      value = Computation(engine: engine).replacingRows(
        of: value, at: own.numbers, by: adapter.values[own.rows])
    }
    var store = base.store
    store[parameter] = value
    var strange: String?
    architecture.places { site, place in
      switch place {
      case .linear(let map) where map.weight == parameter:
        guard let update = updates[site.path] else { return }
        let weight = update.adaptedWeight(map.dense(store, engine), pass)
        if !engine.sumOfSquares(weight).isFinite { strange = site.path }
        map.replaceWeight(with: weight, in: &store, engine)
      case .embedding(let map) where map.weight == parameter:
        guard let update = adapter.embeddings[site.path] else { return }
        let table = update.adapted(store[parameter], pass)
        if !engine.sumOfSquares(table).isFinite { strange = site.path }
        store[parameter] = table
      default: return
      }
    }
    if let strange { throw .notFinite(file: "the merged model", name: strange + ".weight") }
    return store[parameter]
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
