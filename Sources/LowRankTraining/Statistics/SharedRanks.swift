import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// The ranks of a run shared out anew: to the directions that explain the largest shares, whatever module they are of.
///
/// The sum of the ranks stays. Of equal shares the earlier module gets the rank.
struct SharedRanks {
  /// The rank of each module, by path.
  let ranks: [String: Int]
  private let sites: [AdaptedSite]

  /// Shares out the ranks of some sites by the shares of their starts' directions, as process 0 finds them.
  init(
    of sites: [AdaptedSite], _ factors: [String: StartingFactors], _ reducer: any Reducer
  ) throws {
    self.sites = sites
    var offers: [(share: Double, site: Int)] = []
    for (index, site) in sites.enumerated() {
      // The slices of a fused map read the same inputs.
      let key = Self.keys(of: site)[0]
      offers += (factors[key]?.shares ?? []).map { ($0, index) }
    }
    offers.sort { ($1.share, $0.site) < ($0.share, $1.site) }
    var counts = [Int64](repeating: 0, count: sites.count)
    for offer in offers.prefix(sites.reduce(0) { $0 + $1.rank }) { counts[offer.site] += 1 }
    // Another processor may have rounded a share otherwise.
    var bytes = counts.withUnsafeBytes { Array($0) }
    try reducer.broadcast(&bytes)
    counts = bytes.withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
    ranks = Dictionary(
      uniqueKeysWithValues: zip(sites.map(\.path), counts.map { Int($0) }))
  }

  /// The factors with as many of their first directions as their module's rank.
  func cut(_ factors: [String: StartingFactors]) -> [String: StartingFactors] {
    var result: [String: StartingFactors] = [:]
    for site in sites {
      let rank = ranks[site.path] ?? site.rank
      for key in Self.keys(of: site) {
        guard let whole = factors[key], let offered = whole.shares?.count, offered > 0 else {
          continue
        }
        let (inputs, outputs) = (whole.down.count / offered, whole.up.count / offered)
        result[key] = StartingFactors(
          down: Array(whole.down.prefix(rank * inputs)),
          up: (0..<outputs).flatMap { row in
            whole.up[row * offered..<row * offered + min(rank, offered)]
          })
      }
    }
    return result
  }

  private static func keys(of site: AdaptedSite) -> [String] {
    site.slices?.map { "\(site.path).\($0.role.rawValue)" } ?? [site.path]
  }
}
