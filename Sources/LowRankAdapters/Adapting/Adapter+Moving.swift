import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// An adapter with the factors of another one, on the same backbone under another head.
  ///
  /// What the other one trained in the place of the base's parameters is taken over too, but for its head.
  ///
  /// - Parameters:
  ///   - modules: the modules of the new head, which are trained and saved whole.
  ///   - seed: what anything fresh follows from.
  /// - Throws: `AdapterError` where the base does not have the modules that the other one adapts.
  public init(
    takingFactorsOf old: Adapter, on base: Model, savingWhole modules: [String], seed: UInt64 = 0
  ) throws {
    var configuration = old.configuration
    let heads = Set(ModelHead.modules)
    configuration.modulesToSave = configuration.modulesToSave.filter { !heads.contains($0) }
    configuration.modulesToSave += modules.filter { !configuration.modulesToSave.contains($0) }
    let slices = old.sites.compactMap { site in site.slices.map { (site.path, $0) } }
    var adapter = Adapter(
      name: old.name, configuration: configuration, base: base,
      parts: try AdapterParts(
        configuration, on: base, seed: seed, slices: Dictionary(uniqueKeysWithValues: slices),
        replacing: { name, parameter in
          old.untrained.contains {
            old.storedName(of: $0) == name && old.replacements[$0]?.shape == parameter.shape
          }
        }))
    for path in adapter.untrained {
      guard let own = adapter.replacements[path], let source = old.replacements[path] else {
        continue
      }
      adapter.values[own] = old.values[source]
    }
    let trained = Dictionary(
      old.trainable.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    let head = try adapter.headReplacements
    for parameter in adapter.trainable where !head.contains(parameter) {
      guard let source = trained[parameter.path], source.shape == parameter.shape else { continue }
      adapter.values[parameter] = old.values[source]
    }
    let frozen = Dictionary(
      old.updates.flatMap(\.frozen).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    for parameter in adapter.updates.flatMap(\.frozen) {
      guard let source = frozen[parameter.path], source.shape == parameter.shape else { continue }
      adapter.values[parameter] = old.values[source]
    }
    self = adapter
  }
}
