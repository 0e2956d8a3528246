import LowRankTensors
import LowRankTransformers

/// The parts of a fresh adapter, found by walking the base once.
struct AdapterParts {
  private(set) var sites: [AdaptedSite] = []
  private(set) var updates: [any Update] = []
  private(set) var embeddings: [String: EmbeddingUpdate] = [:]
  private(set) var replacements: [String: Parameter] = [:]
  private(set) var untrained: Set<String> = []
  private(set) var ownRows: [String: OwnRows] = [:]
  private(set) var values = ParameterStore()

  /// - Parameter slices: the slices of fused maps, where they are not the target's but a checkpoint's.
  /// - Parameter replaces: whether a file holds a different value for a parameter of the base, under a name without
  ///   the prefix.
  /// - Parameter leftOut: modules that stay as the base has them, whatever the configuration says.
  init(
    _ configuration: AdapterConfiguration, on base: Model, seed: UInt64,
    slices: [String: [Site.Slice]] = [:],
    replacing replaces: (_ name: String, Parameter) throws -> Bool = { _, _ in false },
    leavingOut leftOut: Set<String> = []
  ) throws {
    try configuration.check()
    var factory = ParameterFactory(engine: base.engine, base: base.store, seed: seed)
    let saved = try SavedModules(configuration.modulesToSave, in: base.architecture)
    var tables: [AdaptedTable] = []
    try base.architecture.places { site, place in
      guard !saved.contains(site.path), !leftOut.contains(site.path),
        try configuration.target.selects(site)
      else { return }
      let (rank, scale) = (
        configuration.ranks.rank(of: site.path), configuration.scale(of: site.path)
      )
      switch place {
      case .linear(let map):
        let slices = slices[site.path] ?? configuration.target.modules.slices(of: site)
        let method = configuration.method
        guard slices == nil || method.adaptsSlices || method.isSavedAsLoRA else {
          throw AdapterError.cannotSlice(method: configuration.method.name, path: site.path)
        }
        sites.append(
          AdaptedSite(site: site, map: map, rank: rank, scale: scale, slices: slices))
      case .embedding(let table):
        tables.append(AdaptedTable(table: table, rank: rank, scale: scale))
      case .plain:
        throw AdapterError.cannotAdapt(
          method: configuration.method.name, path: site.path,
          kind: site.role == .norm ? "a norm" : "parameters of no map")
      }
    }
    let tokens = try configuration.tokenPlaces(in: base.architecture)
    guard !sites.isEmpty || !tables.isEmpty else {
      throw try configuration.emptyTarget(in: base.architecture, beside: saved)
    }
    updates = try configuration.method.slicedUpdates(for: sites, &factory)
    precondition(updates.count == sites.count, "a method makes one update for each site")
    for table in tables {
      guard let update = try configuration.method.update(for: table, &factory) else {
        throw AdapterError.cannotAdapt(
          method: configuration.method.name, path: table.path, kind: "a table of embeddings")
      }
      embeddings[table.path] = update
    }
    values = factory.store
    replaceTrained(base, biases: configuration.bias, saved, leavingOut: leftOut)
    try replaceUntrained(
      base, withRows: Set(tokens.flatMap(\.uses)), replacing: replaces, leavingOut: leftOut)
    try addRows(tokens, on: base, saved, leavingOut: leftOut)
  }

  /// The modules that have updates.
  var adapted: Set<String> { Set(sites.map(\.path)).union(embeddings.keys) }

  /// Copies the base's parameters that are trained whole.
  private mutating func replaceTrained(
    _ base: Model, biases: AdapterConfiguration.Bias, _ saved: SavedModules,
    leavingOut leftOut: Set<String>
  ) {
    let adapted = Set(sites.map(\.path))
    for (path, module, parameter) in base.architecture.uses where !leftOut.contains(module) {
      let isBias =
        parameter.role == .bias
        && (biases == .all || (biases == .loraOnly && adapted.contains(module)))
      guard isBias || saved.contains(module) else { continue }
      let copy = Parameter(path, parameter.shape, role: parameter.role, module: module)
      replacements[path] = copy
      // A tensor of its own: gradients are gathered by tensors, and a tied head shares the embedding's.
      values[copy] = base.engine.tensor(
        base.engine.floats(base.store[parameter]), parameter.shape, type: .float32)
    }
  }

  /// Copies the untrained parameters of the base for which a file holds different values.
  ///
  /// As in PEFT, such a value replaces the base's, so a tied head and the embeddings share it.
  private mutating func replaceUntrained(
    _ base: Model, withRows rows: Set<String>,
    replacing replaces: (_ name: String, Parameter) throws -> Bool,
    leavingOut leftOut: Set<String>
  ) rethrows {
    let wrapped = self.adapted
    let uses = base.architecture.uses.filter { use in
      replacements[use.path] == nil && !leftOut.contains(use.module)
    }
    var copies: [Parameter: Parameter] = [:]
    for (path, module, parameter) in uses where copies[parameter] == nil {
      let name = Self.storedName(
        of: path, in: module, isWrapped: wrapped.contains(module), hasRows: rows.contains(path))
      guard try replaces(name, parameter) else { continue }
      let copy = Parameter(path, parameter.shape, role: parameter.role, module: module)
      copies[parameter] = copy
      values[copy] = base.engine.converted(base.store[parameter], to: .float32)
    }
    for (path, _, parameter) in uses {
      guard let copy = copies[parameter] else { continue }
      replacements[path] = copy
      untrained.insert(path)
    }
  }

  /// Creates the token rows, which start with the base's values.
  private mutating func addRows(
    _ places: [TokenPlace], on base: Model, _ saved: SavedModules, leavingOut leftOut: Set<String>
  ) throws(AdapterError) {
    for place in places where !leftOut.contains(place.module) {
      guard !place.uses.contains(where: { replacements[$0] != nil && !untrained.contains($0) })
      else {
        throw .invalid(
          key: "trainable_token_indices", value: "for \(place.module)",
          expected: "a module that is not trained whole, as modules_to_save has it")
      }
      let modules = place.uses.map { String($0.dropLast(".weight".count)) }
      if let module = modules.first(where: { adapted.contains($0) }) {
        throw .invalid(
          key: "trainable_token_indices", value: "for \(module)",
          expected: "a module that the target leaves out")
      }
      let name = place.module + TokenPlace.suffix
      let rows = Parameter(
        name, [place.tokens.count, place.weight.shape[1]], role: .embedding, module: place.module)
      let ids = base.engine.tensor(place.tokens, [place.tokens.count])
      values[rows] = base.engine.rows(of: base.store[place.weight], at: ids, type: .float32)
      for use in place.uses { ownRows[use] = OwnRows(place.tokens, rows) }
    }
  }

  /// The name of a base parameter in PEFT's file, which wraps modules one level deeper, and those with trained token
  /// rows two levels.
  static func storedName(
    of path: String, in module: String, isWrapped: Bool, hasRows: Bool
  ) -> String {
    if hasRows { return module + TokenPlace.wholeSuffix }
    return isWrapped ? module + ".base_layer" + String(path.dropFirst(module.count)) : path
  }
}

extension Walkable {
  /// Every use of a parameter: the path of use, the module, and the parameter, which a tied head shares.
  var uses: [(path: String, module: String, parameter: Parameter)] {
    var uses: [(String, String, Parameter)] = []
    places { site, place in
      for parameter in place.parameters {
        // A tied weight has the name of its first place.
        let name = parameter.path.split(separator: ".").last ?? "weight"
        uses.append(("\(site.path).\(name)", site.path, parameter))
      }
    }
    return uses
  }

  /// The distinct last names of modules, for messages.
  package var moduleNames: [String] {
    var seen: Set<String> = []
    return sites.compactMap { site in
      let name = String(site.path.split(separator: ".").last ?? "")
      return !site.role.isPlain && seen.insert(name).inserted ? name : nil
    }
  }
}

/// The modules that are trained and saved whole.
struct SavedModules {
  private let paths: Set<String>

  /// Finds the modules whose path ends with one of the names, as PEFT does, and all within them.
  ///
  /// PEFT names the heads of all its classifiers, `classifier` and `score`, of which a model has one.
  init(_ names: [String], in architecture: any Architecture) throws {
    if let name = try Self.unmatched(names, in: architecture).first {
      throw AdapterError.unmatched(
        key: "modules_to_save", name: name, names: architecture.moduleNames)
    }
    let sites = architecture.sites.map(\.path)
    paths = Set(try names.flatMap { sites.filter(try Self.pattern($0).matchesWhole) })
  }

  /// The names that match nothing.
  ///
  /// - Throws: `PatternError`.
  static func unmatched(_ names: [String], in architecture: any Architecture) throws -> [String] {
    let sites = architecture.sites.map(\.path)
    return try names.filter { name in
      let isOtherHead =
        heads.contains(name) && names.contains { heads.contains($0) && $0 != name }
      return try !isOtherHead && !sites.contains(where: pattern(name).matchesWhole)
    }
  }

  private static func pattern(_ name: String) throws -> PathPattern {
    try PathPattern(".*(?:\(name))(?:\\..*)?")
  }

  private static let heads: Set = ["classifier", "score"]

  func contains(_ path: String) -> Bool { paths.contains(path) }
}
