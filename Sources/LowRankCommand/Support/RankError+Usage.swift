import LowRank
import LowRankConsole

extension RankError {
  /// Runs a body, and says of a rank that an adapter does not have by which flag it was asked for.
  ///
  /// - Throws: `UsageError`, and what the body throws.
  static func asUsage<Result>(of flag: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as RankError {
      throw UsageError("\(flag): \(error)")
    }
  }
}
