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
    case .named(let names) where names.contains(site.path): return true
    default: break
    }
    guard let layer = try layerNumber(in: site.path) else { return false }
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
}

extension Target.Modules {
  /// Whether a site is meant, layers aside.
  func matches(_ site: Site) -> Bool {
    switch self {
    case .roles(let roles):
      roles.contains(site.role) || site.slices.contains { roles.contains($0.role) }
        || site.isInseparable && !roles.isDisjoint(with: [.query, .key, .value])
    case .named(let names):
      names.contains { site.path == $0 || site.path.hasSuffix("." + $0) }
    case .matching(let pattern):
      pattern.matchesWhole(site.path)
    case .allLinear:
      site.role != .head && site.role != .embedding && !site.role.isPlain
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
