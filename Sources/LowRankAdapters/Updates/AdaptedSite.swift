import LowRankTransformers

/// A linear map that an adapter reaches, with its share of the rank.
public struct AdaptedSite: Sendable {
  /// The place.
  public let site: Site
  /// What stands there.
  public let map: any LinearMap
  /// The rank of each pair of factors.
  public let rank: Int
  /// s.
  public let scale: Float
  /// The slices of a fused map that are adapted; nil for the whole map.
  public let slices: [Site.Slice]?

  /// The module's path.
  public var path: String { site.path }
}

/// A table of embeddings that an adapter reaches, with its share of the rank.
public struct AdaptedTable: Sendable {
  /// What stands there.
  public let table: any EmbeddingMap
  /// The rank of the pair of factors.
  public let rank: Int
  /// s.
  public let scale: Float

  /// The module's path.
  public var path: String { table.path }
}
