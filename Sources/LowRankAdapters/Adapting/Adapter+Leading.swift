import LowRankTransformers

extension Adapter {
  /// The adapter with the first directions of each module alone, `s·(r/k) B[:, :k] A[:k]`, on the same parameters.
  ///
  /// With rank-stabilised scales the factor is √(r/k), so that s is that of the rank k. A module of a smaller rank stays.
  ///
  /// - Throws: `RankError` where the adapter was not trained for it.
  public func atRank(_ rank: Int) throws -> Adapter {
    guard let nestedFrom, updates.allSatisfy({ $0 is LowRankUpdate }), embeddings.isEmpty else {
      throw RankError.notNested
    }
    let most = sites.map(\.rank).max() ?? 0
    guard (nestedFrom...max(nestedFrom, most)).contains(rank) else {
      throw RankError.outside(rank: rank, least: nestedFrom, most: most)
    }
    return leading(rank)
  }

  /// The adapter with the first directions of each module alone.
  package func leading(_ rank: Int) -> Adapter {
    var adapter = self
    for index in sites.indices {
      let site = sites[index]
      guard let own = updates[index] as? LowRankUpdate, rank < site.rank else { continue }
      let growth = Double(site.rank) / Double(rank)
      let factor = configuration.ranks.isRankStabilized ? growth.squareRoot() : growth
      let scale = Float(Double(site.scale) * factor)
      var update = LowRankUpdate(
        path: own.path, factors: own.factors, outputs: own.outputs, scale: scale,
        dropout: own.dropout)
      update.leading = rank
      adapter.updates[index] = update
      adapter.sites[index] = AdaptedSite(
        site: site.site, map: site.map, rank: rank, scale: scale, slices: site.slices)
    }
    return adapter
  }
}
