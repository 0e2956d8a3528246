import LowRankTensors
import LowRankTransformers

/// The parts of a fresh adapter, found by walking the base once.
struct AdapterParts {
  private(set) var sites: [AdaptedSite] = []
  private(set) var updates: [any Update] = []
  private(set) var embeddings: [String: EmbeddingUpdate] = [:]
  private(set) var replacements: [String: Parameter] = [:]
  private(set) var untrained: Set<String> = []
  private(set) var values = ParameterStore()

  /// - Parameter slices: the slices of fused maps, where they are not the target's but a checkpoint's.
  /// - Parameter replaced: modules whose weight is replaced, untrained, as well as adapted.
  /// - Parameter leftOut: modules that stay as the base has them, whatever the configuration says.
  init(
    _ configuration: AdapterConfiguration, on base: Model, seed: UInt64,
    slices: [String: [Site.Slice]] = [:], replacing replaced: Set<String> = [],
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
        configuration.ranks.rank(of: site.path), configuration.ranks.scale(of: site.path)
      )
      switch place {
      case .linear(let map):
        let slices = slices[site.path] ?? configuration.target.modules.slices(of: site)
        guard slices == nil || configuration.method.adaptsSlices else {
          throw AdapterError.cannotAdapt(
            method: configuration.method.name, path: site.path, kind: "slices of a fused map")
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
    guard !sites.isEmpty || !tables.isEmpty else {
      throw try configuration.emptyTarget(in: base.architecture, beside: saved)
    }
    updates = try configuration.method.updates(for: sites, &factory)
    precondition(updates.count == sites.count, "a method makes one update for each site")
    for table in tables {
      guard let update = try configuration.method.update(for: table, &factory) else {
        throw AdapterError.cannotAdapt(
          method: configuration.method.name, path: table.path, kind: "a table of embeddings")
      }
      embeddings[table.path] = update
    }
    values = factory.store
    replace(base, biases: configuration.bias, saved, replaced, leavingOut: leftOut)
  }

  /// Copies the base's parameters that are trained whole.
  private mutating func replace(
    _ base: Model, biases: AdapterConfiguration.Bias, _ saved: SavedModules,
    _ replaced: Set<String>, leavingOut leftOut: Set<String>
  ) {
    let adapted = Set(sites.map(\.path))
    for (path, module, parameter) in base.architecture.uses where !leftOut.contains(module) {
      let isBias =
        parameter.role == .bias
        && (biases == .all || (biases == .loraOnly && adapted.contains(module)))
      let isTrained = isBias || saved.contains(module)
      guard isTrained || (replaced.contains(module) && parameter.role != .bias) else { continue }
      if !isTrained { untrained.insert(path) }
      let copy = Parameter(path, parameter.shape, role: parameter.role, module: module)
      replacements[path] = copy
      values[copy] = base.engine.converted(base.store[parameter], to: .float32)
    }
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
  var moduleNames: [String] {
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
