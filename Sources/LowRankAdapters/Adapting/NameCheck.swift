import LowRankTensors
import LowRankTransformers

/// What a person wished for is there: a configuration that PEFT wrote may name more than a model has.
extension AdapterConfiguration {
  /// Refuses names and layers for which a fresh adapter on a model would be refused, before anything is made.
  ///
  /// - Throws: `AdapterError`, `PatternError`.
  package func checkSelection(in architecture: any Architecture) throws {
    try checkNames(in: architecture)
    let saved = try SavedModules(modulesToSave, in: architecture)
    let selected = try architecture.sites.filter {
      try !saved.contains($0.path) && target.selects($0)
    }
    guard !selected.isEmpty else { throw try emptyTarget(in: architecture, beside: saved) }
    try checkPatterns(of: selected.map(\.path))
  }

  /// Refuses names that match no module, and layers that are not there.
  ///
  /// - Throws: `AdapterError`, `PatternError`.
  func checkNames(in architecture: any Architecture) throws {
    let sites = architecture.sites
    func check(_ key: String, _ name: String, _ matches: (Site) -> Bool) throws(AdapterError) {
      guard !sites.contains(where: matches) else { return }
      throw .unmatched(key: key, name: name, names: architecture.moduleNames)
    }
    func check(_ key: String, _ modules: Target.Modules?) throws(AdapterError) {
      switch modules {
      case .named(let names):
        for name in names { try check(key, name, Target.Modules.named([name]).matches) }
      case .matching(let pattern):
        try check(key, pattern.description) { $0.isMatched(by: pattern) }
      case .roles(let roles):
        for role in Site.Role.allCases where roles.contains(role) {
          try check(key, role.rawValue, Target.Modules.roles([role]).matches)
        }
      case .allLinear, nil: break
      }
    }
    // A target of which nothing at all is there has a sentence of its own.
    if sites.contains(where: target.modules.matches) { try check("target", target.modules) }
    try check("exclude", target.excluded)
    for key in ranks.rankPattern.map(\.key) {
      try check("rank_pattern", key.description) { key.matchesWhole($0.path) }
    }
    for key in ranks.alphaPattern.map(\.key) {
      try check("alpha_pattern", key.description) { key.matchesWhole($0.path) }
    }
    try target.checkLayers(in: sites)
  }

  /// Refuses patterns of ranks and alphas for modules that the target leaves out: they would change nothing.
  ///
  /// - Throws: `AdapterError.unmatched`.
  func checkPatterns(of paths: [String]) throws(AdapterError) {
    let keys =
      ranks.rankPattern.map { ("rank_pattern", $0.key) }
      + ranks.alphaPattern.map { ("alpha_pattern", $0.key) }
    for (name, key) in keys where !paths.contains(where: key.matchesWhole) {
      throw .invalid(
        key: name, value: "for \(key.description)", expected: "modules that the target selects")
    }
  }

  /// Refuses to train biases where there are none.
  ///
  /// - Throws: `AdapterError.invalid`.
  func checkBias(
    of adapted: [String], in architecture: any Architecture
  ) throws(AdapterError) {
    let modules = architecture.uses.filter { $0.parameter.role == .bias }.map(\.module)
    let expected: String
    switch bias {
    case .none: return
    case .all where modules.isEmpty, .loraOnly where modules.isEmpty:
      expected = "none: the model has no biases"
    case .loraOnly where Set(modules).isDisjoint(with: adapted):
      expected = "none or all: no adapted module has a bias"
    case .all, .loraOnly: return
    }
    throw .invalid(key: "bias", value: bias.rawValue, expected: expected)
  }
}

extension Target {
  /// Refuses layers that are not there.
  fileprivate func checkLayers(in sites: [Site]) throws {
    guard let layers else { return }
    guard !layers.isEmpty else {
      throw AdapterError.invalid(
        key: "layers", value: "an empty list", expected: "the numbers of layers")
    }
    let known = Set(try sites.compactMap { try layerNumber(in: $0.path) })
    guard let stray = layers.first(where: { !known.contains($0) }) else { return }
    throw AdapterError.noSuchLayer(stray, last: known.max() ?? 0)
  }
}
