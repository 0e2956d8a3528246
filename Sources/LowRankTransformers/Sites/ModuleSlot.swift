import LowRankTensors

/// What stands at a site, handed out for inspection and replacement.
public enum ModuleSlot: Sendable {
  /// A linear map.
  case linear(any LinearMap)
  /// A table of embeddings.
  case embedding(any EmbeddingMap)
  /// Parameters that no map holds: the weight and bias of a norm.
  case plain([Parameter])

  /// All parameters that stand there.
  public var parameters: [Parameter] {
    switch self {
    case .linear(let map): map.parameters
    case .embedding(let map): map.parameters
    case .plain(let parameters): parameters
    }
  }
}

/// Something with sites: a model or a part of one.
///
/// Adapting, merging, counting, saving, quantising and analysing are closures given to the one walk.
public protocol Walkable {
  /// Hands out every site, in the order of the checkpoint, each of which may be replaced by one of its kind.
  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows
}

extension Walkable {
  /// Hands out every site for reading.
  public func places(_ visit: (Site, ModuleSlot) throws -> Void) rethrows {
    var copy = self
    try copy.walk { site, place in try visit(site, place) }
  }

  /// All sites in order.
  public var sites: [Site] {
    var sites: [Site] = []
    places { site, _ in sites.append(site) }
    return sites
  }

  /// All distinct parameters in order; a tied one appears once.
  public var parameters: [Parameter] {
    var seen: Set<Parameter> = []
    var parameters: [Parameter] = []
    places { _, place in
      parameters.append(contentsOf: place.parameters.filter { seen.insert($0).inserted })
    }
    return parameters
  }
}

/// Hands out a linear map in a walk.
func visit(
  _ map: inout any LinearMap, _ role: Site.Role, slices: [Site.Slice] = [],
  _ visit: (Site, inout ModuleSlot) throws -> Void
) rethrows {
  var place = ModuleSlot.linear(map)
  try visit(Site(map.path, role, slices: slices), &place)
  guard case .linear(let replaced) = place else {
    preconditionFailure("\(map.path) is a linear map and stays one")
  }
  map = replaced
}

/// Hands out a linear map in a walk, where there is one.
func visit(
  _ map: inout (any LinearMap)?, _ role: Site.Role, _ visit: (Site, inout ModuleSlot) throws -> Void
) rethrows {
  guard var own = map else { return }
  try LowRankTransformers.visit(&own, role, visit)
  map = own
}

/// Hands out a table of embeddings in a walk, where there is one.
func visit(
  _ map: inout (any EmbeddingMap)?, _ visit: (Site, inout ModuleSlot) throws -> Void
) rethrows {
  guard var own = map else { return }
  try LowRankTransformers.visit(&own, visit)
  map = own
}

/// Hands out a table of embeddings in a walk.
func visit(
  _ map: inout any EmbeddingMap, _ visit: (Site, inout ModuleSlot) throws -> Void
) rethrows {
  var place = ModuleSlot.embedding(map)
  try visit(Site(map.path, .embedding), &place)
  guard case .embedding(let replaced) = place else {
    preconditionFailure("\(map.path) is an embedding and stays one")
  }
  map = replaced
}
