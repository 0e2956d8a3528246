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

extension AdaptedSite {
  /// Refuses a rank above the smaller extent of the map.
  ///
  /// - Throws: `AdapterError.invalid`.
  func checkRank(for method: String) throws(AdapterError) {
    let smaller = min(map.outputs, map.inputs)
    guard rank > smaller else { return }
    throw .invalid(
      key: "rank", value: "\(rank) for \(path)",
      expected: "at most \(smaller), the smaller extent of the map, for the method \(method)")
  }

  /// Refuses a map that is stored as GPT-2 does, which some of PEFT's types do not turn.
  ///
  /// - Throws: `AdapterError.cannotAdapt`.
  func refuseConv1D(for type: String) throws(AdapterError) {
    guard map.storesInputsFirst else { return }
    throw .cannotAdapt(
      method: "PEFT's \(type)", path: path, kind: "a Conv1D, which GPT-2 is made of")
  }
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
