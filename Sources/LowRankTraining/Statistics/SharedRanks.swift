import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// The ranks of a run shared out anew by what a start found of the modules.
struct SharedRanks {
  /// The rank of each module, by path.
  let ranks: [String: Int]
  private let start: any Initialization
  private let given: PatternRanks
  private let sites: [AdaptedSite]

  /// The ranks of an adapter's sites by their starts' statistics, as process 0 finds them.
  init(
    of adapter: Adapter, by start: any Initialization, _ factors: [String: StartingFactors],
    _ reducer: any Reducer
  ) throws {
    sites = adapter.sites
    (self.start, given) = (start, adapter.configuration.ranks)
    let offers = sites.map { site -> RankOffer in
      let keys = Self.keys(of: site)
      // The slices of a fused map read the same inputs.
      let first = factors[keys[0].key] ?? StartingFactors(down: [], up: [])
      let found = keys.compactMap { factors[$0.key]?.importance }
      return RankOffer(
        rank: site.rank,
        parametersPerRank: keys.reduce(0) { $0 + $1.extents.outputs + $1.extents.inputs },
        most: keys.map { min($0.extents.outputs, $0.extents.inputs) }.min() ?? site.rank,
        factors: first,
        importance: found.isEmpty ? nil : found.reduce(0, +) / Double(found.count))
    }
    var counts = start.ranks(of: offers).map { Int64($0) }
    // Another processor may have rounded a share otherwise.
    var bytes = counts.withUnsafeBytes { Array($0) }
    try reducer.broadcast(&bytes)
    counts = bytes.withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
    ranks = Dictionary(
      uniqueKeysWithValues: zip(sites.map(\.path), counts.map { Int($0) }))
  }

  /// The factors that each module has at its rank.
  ///
  /// - Throws: `LinearAlgebraError`.
  func cut(_ factors: [String: StartingFactors]) throws -> [String: StartingFactors] {
    var result: [String: StartingFactors] = [:]
    for site in sites {
      let rank = ranks[site.path] ?? site.rank
      for (key, extents) in Self.keys(of: site) {
        guard let offered = factors[key], rank > 0 else { continue }
        result[key] = try start.cut(
          offered, to: rank, of: extents, scale: scale(of: site, at: rank))
      }
    }
    return result
  }

  /// s of a module at a rank.
  private func scale(of site: AdaptedSite, at rank: Int) -> Double {
    guard !start.keepsScale else { return Double(site.scale) }
    let divisor = given.isRankStabilized ? Double(rank).squareRoot() : Double(rank)
    return given.alpha(of: site.path) / divisor
  }

  private static func keys(of site: AdaptedSite) -> [(key: String, extents: MapExtents)] {
    site.slices?.map {
      (
        "\(site.path).\($0.role.rawValue)",
        MapExtents(outputs: $0.outputs.count, inputs: site.map.inputs)
      )
    } ?? [(site.path, MapExtents(outputs: site.map.outputs, inputs: site.map.inputs))]
  }
}
