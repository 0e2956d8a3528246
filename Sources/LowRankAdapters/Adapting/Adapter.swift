import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// An adapter on a base: its updates, the base's parameters it replaces, and their values.
///
/// The base is not changed: ``model`` is a description of it with the adapter's updates added, over a store that shares
/// the base's weights.
public struct Adapter: Sendable {
  /// The name by which passes select it.
  public let name: AdapterName
  /// What it is.
  public internal(set) var configuration: AdapterConfiguration
  /// The model it was made for.
  public let base: Model
  /// The adapted linear maps, in the order of the model.
  public internal(set) var sites: [AdaptedSite]
  /// The update of each site, in the same order.
  public internal(set) var updates: [any Update]
  /// The updates of tables of embeddings, by path.
  public let embeddings: [String: EmbeddingUpdate]
  /// Parameters trained in the place of the base's, by the path of use: biases and modules to save.
  public let replacements: [String: Parameter]
  /// The paths of use of replacements that are saved but not trained: weights that PEFT stored beside the factors under
  /// the base's own names.
  let untrained: Set<String>
  /// The token rows that replace rows of the base, by the path of use; a tied head has the rows of its embedding.
  public let ownRows: [String: OwnRows]
  /// The values of the adapter's own parameters.
  public var values: ParameterStore
  /// What it was trained for, as the trainer wrote it down; it is saved beside the adapter.
  public var task: JSONObject?
  /// The chat template that wrote the conversations it was trained on; it is saved beside the adapter, as TRL does.
  public var chatTemplate: String?
  /// Whether the tokenizer is saved beside the adapter, if it is not the base's own.
  package var keepsTokenizer = true
  /// The least rank at which its leading directions can be used alone; nil where only all of them make sense.
  public internal(set) var nestedFrom: Int?
  /// How it was read from a folder; nil for one that was made otherwise.
  public internal(set) var loading: LoadReport?

  init(
    name: AdapterName, configuration: AdapterConfiguration, base: Model, parts: AdapterParts
  ) {
    self.name = name
    self.configuration = configuration
    self.base = base
    self.sites = parts.sites
    self.updates = parts.updates
    self.embeddings = parts.embeddings
    self.replacements = parts.replacements
    self.untrained = parts.untrained
    self.ownRows = parts.ownRows
    self.values = parts.values
  }

  /// A fresh adapter on a base.
  ///
  /// - Throws: `AdapterError` where a name matches nothing or a number makes no sense.
  public init(
    on base: Model, name: AdapterName = .default, configuration: AdapterConfiguration,
    seed: UInt64 = 0
  ) throws {
    try configuration.check()
    try configuration.checkNames(in: base.architecture)
    try self.init(on: base, name: name, tolerating: configuration, seed: seed)
    try configuration.checkPatterns(of: sites.map(\.path) + embeddings.keys)
    try configuration.checkBias(of: sites.map(\.path), in: base.architecture)
  }

  /// A fresh adapter on a base, of a configuration that may name more than the base has, as PEFT's may.
  ///
  /// - Throws: `AdapterError` where nothing matches the target or a number makes no sense.
  package init(
    on base: Model, name: AdapterName = .default, tolerating configuration: AdapterConfiguration,
    seed: UInt64 = 0
  ) throws {
    self.init(
      name: name, configuration: configuration, base: base,
      parts: try AdapterParts(configuration, on: base, seed: seed))
  }

  /// The trained parameters, each once: updates in the order of the model, then embeddings, replacements and token
  /// rows by path.
  public var trainable: [Parameter] {
    var seen: Set<Parameter> = []
    let all =
      updates.flatMap(\.parameters)
      + embeddings.sorted { $0.key < $1.key }.flatMap(\.value.parameters)
      + replacements.sorted { $0.key < $1.key }.filter { !untrained.contains($0.key) }.map(\.value)
      + ownRows.sorted { $0.key < $1.key }.map(\.value.rows)
    return all.filter { seen.insert($0).inserted }
  }

  /// What a run adds to its loss, once a step; nil where that is nothing.
  public var penalty: OrthogonalityPenalty? { configuration.method.penalty(on: updates) }

  /// What replaces gradients of a run, once a step; nil where nothing does.
  public var landing: LandingField? {
    configuration.method.landing(
      on: updates.flatMap { ($0 as? SlicedUpdate)?.updates ?? [$0] })
  }

  /// What brings factors back to orthonormal ones after a step; nil where nothing does.
  public var retraction: StiefelRetraction? {
    configuration.method.retraction(
      on: updates.flatMap { ($0 as? SlicedUpdate)?.updates ?? [$0] })
  }

  /// The number of trained numbers.
  public var parameterCount: Int { trainable.reduce(0) { $0 + $1.shape.count } }

  /// What a pass selects to use the adapter on all rows.
  public var selection: AdapterSelection {
    .all(name, replacing: replacements, ownRows: ownRows)
  }

  /// The base with the adapter added, not merged: its description, and values shared with the base.
  public var model: Model { base.adapted(by: [self]) }
}

extension Model {
  /// The model with several adapters added, for passes to select from; no weight is copied.
  public func adapted(by adapters: [Adapter]) -> Model {
    var model = self
    for adapter in adapters {
      model.store.merge(adapter.values)
      let updates = Dictionary(
        uniqueKeysWithValues: zip(adapter.sites.map(\.path), adapter.updates))
      model.architecture.walk { site, place in
        switch place {
        case .linear(let map):
          guard let update = updates[site.path] else { return }
          var adapted = map as? Adapted ?? Adapted(base: map, updates: [:])
          adapted.updates[adapter.name] = update
          place = .linear(adapted)
        case .embedding(let map):
          guard let update = adapter.embeddings[site.path] else { return }
          var adapted = map as? AdaptedEmbedding ?? AdaptedEmbedding(base: map, updates: [:])
          adapted.updates[adapter.name] = update
          place = .embedding(adapted)
        case .plain: return
        }
      }
    }
    return model
  }
}
