import LowRankTransformers

/// Which modules of a model are adapted.
public struct Target: Hashable, Sendable {
  /// How modules are named.
  public enum Modules: Hashable, Sendable {
    /// Modules by what they do, whatever the architecture calls them, also as slices of a fused map.
    case roles(Set<Site.Role>)
    /// Modules whose path is one of these or ends with a dot and one of these.
    case named([String])
    /// Modules whose whole path a regular expression matches.
    case matching(PathPattern)
    /// Every linear map but the head.
    case allLinear

    /// Queries and values.
    public static let queryValue = Modules.roles([.query, .value])
  }

  /// The modules meant.
  public var modules: Modules
  /// Modules left out, by name or by pattern; they win.
  public var excluded: Modules?
  /// The layers meant, by number; all where nil.
  public var layers: [Int]?
  /// The names before a layer's number, as `h` or `layers`; the first number counts where empty.
  public var layersPattern: [String]

  /// A target.
  public init(
    _ modules: Modules, excluded: Modules? = nil, layers: [Int]? = nil,
    layersPattern: [String] = []
  ) {
    self.modules = modules
    self.excluded = excluded
    self.layers = layers
    self.layersPattern = layersPattern
  }

  /// Queries and values.
  public static let queryValue = Target(.queryValue)
  /// Every linear map but the head.
  public static let allLinear = Target(.allLinear)
  /// Modules by what they do.
  public static func roles(_ roles: Site.Role...) -> Target { Target(.roles(Set(roles))) }
  /// Modules by name.
  public static func named(_ names: String...) -> Target { Target(.named(names)) }

  /// Whether a module at `path` is meant, by PEFT's rules.
  ///
  /// - Throws: `PatternError` for a layers pattern that is no regular expression.
  func selects(_ site: Site) throws -> Bool {
    if let excluded, excluded.matches(site) { return false }
    guard modules.matches(site) else { return false }
    guard let layers, !layers.isEmpty else { return true }
    switch modules {
    // As in PEFT, a pattern or a whole path already says which layer it means.
    case .matching: return true
    case .named(let names) where names.contains(where: site.isCalled): return true
    default: break
    }
    guard
      let layer = try layerNumber(in: site.path)
        ?? site.formerPath.flatMap({ try layerNumber(in: $0) })
    else { return false }
    return layers.contains(layer)
  }

  /// The number of the layer that a module lies in.
  func layerNumber(in path: String) throws -> Int? {
    let patterns = layersPattern.isEmpty ? nil : layersPattern
    for pattern in patterns ?? [] {
      let search = try PathPattern(prefix: "(?:.*?\\.)?(?:\(pattern))\\.(\\d+)\\.")
      if let number = search.firstCapture(in: path) { return Int(number) }
    }
    guard patterns == nil else { return nil }
    let parts = path.split(separator: ".", omittingEmptySubsequences: false)
    // A number counts where at least two names stand before it and one after.
    for index in parts.indices.dropFirst(2).dropLast() where Int(parts[index]) != nil {
      return Int(parts[index])
    }
    return nil
  }
}

extension Site {
  /// Whether queries, keys and values are made by one map whose outputs have no order in runs: it is adapted whole.
  fileprivate var isInseparable: Bool { role == .fusedAttention && slices.isEmpty }

  /// The paths that the module goes by.
  private var paths: [String] { [path] + (formerPath.map { [$0] } ?? []) }

  /// Whether a name is the whole path.
  fileprivate func isCalled(_ name: String) -> Bool { paths.contains(name) }

  /// Whether a name is the path or its end.
  fileprivate func isMeant(by name: String) -> Bool {
    paths.contains { $0 == name || $0.hasSuffix("." + name) }
  }

  /// Whether a name is the path of today or its end.
  fileprivate func endsWith(_ name: String) -> Bool {
    path == name || path.hasSuffix("." + name)
  }

  /// Whether a pattern matches the path.
  func isMatched(by pattern: PathPattern) -> Bool { paths.contains(where: pattern.matchesWhole) }
}

extension Target.Modules {
  /// Whether a site is meant, layers aside.
  package func matches(_ site: Site) -> Bool {
    switch self {
    case .roles(let roles):
      roles.contains(site.role) || site.slices.contains { roles.contains($0.role) }
        || site.isInseparable && !roles.isDisjoint(with: [.query, .key, .value])
    case .named(let names):
      names.contains(where: site.isMeant)
    case .matching(let pattern):
      site.isMatched(by: pattern)
    case .allLinear:
      site.role != .head && site.role != .embedding && !site.role.isPlain
    }
  }

  /// Whether each name or pattern means modules by their paths of today alone, which PEFT reads.
  func isCurrent(for sites: [Site]) -> Bool {
    switch self {
    case .named(let names):
      names.allSatisfy { name in sites.contains { $0.endsWith(name) } }
        && sites.allSatisfy { !matches($0) || names.contains(where: $0.endsWith) }
    case .matching(let pattern):
      sites.allSatisfy { !matches($0) || pattern.matchesWhole($0.path) }
    case .roles, .allLinear: true
    }
  }

  /// The slices of a fused map that are meant; nil for the whole map.
  func slices(of site: Site) -> [Site.Slice]? {
    guard case .roles(let roles) = self, !site.slices.isEmpty, !roles.contains(site.role) else {
      return nil
    }
    return site.slices.filter { roles.contains($0.role) }
  }
}
