import Foundation
import LowRank

/// An adapter as it was when it was loaded; it never changes.
///
/// A request keeps the version that it began with. A reload makes another version, whatever the name.
package final class AdapterVersion: Sendable {
  /// The name by which clients know it.
  package let name: String
  /// The name by which passes select it, of which no other version has the same.
  let passName: AdapterName
  /// What its files hold, as a hash: equal for equal adapters, whatever they are called.
  package let content: String
  /// The bytes of its values.
  package let byteCount: Int
  /// How it is applied.
  let use: Use
  /// The tokenizer and the chat template that it brings; nil for the base's.
  let texts: ServedTexts?
  /// What it tells apart, if it is a classifier.
  let labels: Classification?

  /// How an adapter is applied to some rows of a pass.
  enum Use: Sendable {
    /// Beside other adapters in one pass.
    case mixed(updates: [String: any Update], tables: [String: AdaptedEmbedding], ParameterStore)
    /// In passes of its own, because it replaces parts of the base or needs its weights. What the first pass found to be
    /// constant is used by the engine's thread alone.
    case alone(Model, AdapterSelection, Handover<StopGradientCache>)
  }

  /// Prepares an adapter that was loaded on a base, under a name that no other version has.
  init(
    _ adapter: Adapter, as name: String, content: String, folder: URL, on base: Model
  ) throws {
    self.name = name
    self.content = content
    passName = adapter.name
    texts = try ServedTexts(of: adapter, in: folder, on: base)
    labels = base.classifier == nil ? nil : try Classification(adapter.base.config)
    let pass = Pass(
      compute: Computation(engine: base.engine, type: base.type), store: adapter.values,
      rows: PackedRows(lengths: []))
    let served = adapter.updates.map { ServedUpdate($0, pass) }
    let isMixed =
      base.architecture is CausalModel && adapter.replacements.isEmpty && adapter.ownRows.isEmpty
      && adapter.embeddings.values.allSatisfy { $0.magnitude == nil }
      && adapter.base.architecture.vocabularySize == base.architecture.vocabularySize
      && served.allSatisfy { $0 != nil }
    if isMixed {
      let updates = zip(adapter.sites.map(\.path), served).compactMap { path, update in
        update.map { (path, $0 as any Update) }
      }
      var values = ParameterStore()
      for parameter in adapter.embeddings.values.flatMap(\.parameters) {
        values[parameter] = adapter.values[parameter]
      }
      byteCount =
        served.reduce(0) { $0 + ($1?.byteCount ?? 0) }
        + values.parameters.reduce(0) { sum, item in
          sum + 4 * item.shape.count
        }
      var tables: [String: AdaptedEmbedding] = [:]
      adapter.model.architecture.places { site, place in
        if case .embedding(let map) = place { tables[site.path] = map as? AdaptedEmbedding }
      }
      use = .mixed(
        updates: Dictionary(uniqueKeysWithValues: updates), tables: tables, values)
    } else {
      byteCount = adapter.values.parameters.reduce(0) { $0 + 4 * $1.shape.count }
      // What counts as a constant of the weights alone, such as DoRA's norms, is computed by the first pass.
      use = .alone(adapter.model, adapter.selection, Handover(StopGradientCache()))
    }
  }

  /// Whether it is applied beside other adapters in one pass.
  package var isMixed: Bool { if case .mixed = use { true } else { false } }
}

extension Model {
  /// The model with a version added, for passes to select from.
  mutating func install(_ version: AdapterVersion) {
    guard case .mixed(let updates, let tables, let values) = version.use else { return }
    store.merge(values)
    architecture.walk { site, place in
      switch place {
      case .linear(let map):
        guard let update = updates[site.path] else { return }
        var adapted = map as? Adapted ?? Adapted(base: map, updates: [:])
        adapted.updates[version.passName] = update
        place = .linear(adapted)
      case .embedding(let map):
        guard let table = tables[site.path] else { return }
        guard var adapted = map as? AdaptedEmbedding else {
          place = .embedding(table)
          return
        }
        adapted.updates.merge(table.updates) { _, new in new }
        place = .embedding(adapted)
      case .plain: return
      }
    }
  }

  /// The model without a version.
  mutating func uninstall(_ version: AdapterVersion) {
    guard case .mixed(let updates, let tables, let values) = version.use else { return }
    architecture.walk { site, place in
      switch place {
      case .linear(let map):
        guard updates[site.path] != nil, var adapted = map as? Adapted else { return }
        adapted.updates[version.passName] = nil
        place = .linear(adapted.updates.isEmpty ? adapted.base : adapted)
      case .embedding(let map):
        guard tables[site.path] != nil, var adapted = map as? AdaptedEmbedding else { return }
        adapted.updates[version.passName] = nil
        place = .embedding(adapted.updates.isEmpty ? adapted.base : adapted)
      case .plain: return
      }
    }
    for parameter in values.parameters { store.remove(parameter) }
  }
}
