import LowRank
import LowRankSessions

/// The rank with which a method comes nearest to a number of parameters without going above it.
struct RankSearch {
  /// The rank.
  let rank: Int
  /// The parameters that are trained at this rank.
  let parameters: Int

  /// The greatest rank that is tried.
  static let greatest = 4096

  /// Doubles the rank until there are too many parameters, then halves the interval.
  ///
  /// - Parameters:
  ///   - settings: a run whose rank is chosen.
  ///   - name: what messages call the variant.
  /// - Throws: `SettingsError` where even rank 1 has too many parameters, with their number.
  init(
    atMost budget: Int, for settings: RunSettings, on task: any RunTask, named name: String
  ) throws {
    func count(_ rank: Int) throws -> Int {
      var settings = settings
      settings.adapter.rank = rank
      return try settings.trainedParameters(for: task)
    }
    let least = try count(1)
    guard least <= budget else {
      throw SettingsError(
        "budget.parameters is \(budget), and \(name) trains \(least) at rank 1; give a larger budget, or leave it out"
      )
    }
    // A rank that the method refuses is too large.
    var (low, high, found) = (1, 2, least)
    while high <= Self.greatest, let more = try? count(high), more <= budget {
      (low, found) = (high, more)
      high *= 2
    }
    high = min(high, Self.greatest + 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if let more = try? count(middle), more <= budget {
        (low, found) = (middle, more)
      } else {
        high = middle
      }
    }
    (rank, parameters) = (low, found)
  }
}
