/// The ranks at which some matrices together have as nearly as possible a number of parameters.
///
/// All have the same rank but for those that get one more; where several choices are as near, the one with the fewest more,
/// and the first of those. A matrix never gets more than its limit.
///
/// - Parameters:
///   - costs: the parameters of a unit of rank, of each matrix.
///   - limits: the greatest rank of each.
///   - budget: the parameters that there should be.
/// - Returns: ranks of at least 1.
package func equalBudgetRanks(costs: [Int], limits: [Int], budget: Int) -> [Int] {
  precondition(
    costs.count == limits.count && (1...16).contains(costs.count) && costs.allSatisfy { $0 > 0 }
      && limits.allSatisfy { $0 > 0 },
    "costs \(costs) and limits \(limits)")
  func parameters(_ ranks: [Int]) -> Int { zip(costs, ranks).reduce(0) { $0 + $1.0 * $1.1 } }
  let common = max(1, budget / costs.reduce(0, +))
  var best: (ranks: [Int], distance: Int, more: Int)?
  // What a limit takes from one matrix others may have, so higher common ranks are tried as well.
  for rank in common...max(common, limits.max() ?? 1) {
    for chosen in 0..<(1 << costs.count) {
      let ranks = costs.indices.map { min(limits[$0], rank + (chosen >> $0) & 1) }
      let candidate = (
        ranks: ranks, distance: abs(parameters(ranks) - budget), more: chosen.nonzeroBitCount
      )
      if let best, (best.distance, best.more) <= (candidate.distance, candidate.more) { continue }
      best = candidate
    }
    if parameters(costs.indices.map { min(limits[$0], rank) }) >= budget { break }
  }
  return best?.ranks ?? costs.map { _ in 1 }
}
