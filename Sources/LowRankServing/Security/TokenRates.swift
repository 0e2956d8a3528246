import LowRank
import Synchronization

/// How many tokens each key has left: a bucket that fills up by the key's rate, to a minute's worth.
package final class TokenRates: Sendable {
  private struct Bucket {
    var level: Double
    var since: ContinuousClock.Instant
  }

  private let buckets = Mutex<[String: Bucket]>([:])

  /// Refuses a key whose tokens are used up.
  ///
  /// - Throws: ``ServingError/rateExceeded(seconds:)``.
  package func check(_ key: APIKeys.Key) throws(ServingError) {
    guard let rate = key.tokensPerMinute else { return }
    let level = level(of: key.name, rate: rate, taking: 0)
    guard level <= 0 else { return }
    let seconds = (1 - level) * 60 / Double(rate)
    throw .rateExceeded(seconds: max(1, Int(seconds.rounded(.up))))
  }

  /// Counts tokens, which may make a bucket emptier than empty.
  package func use(_ tokens: Int, by key: APIKeys.Key) {
    guard let rate = key.tokensPerMinute else { return }
    _ = level(of: key.name, rate: rate, taking: tokens)
  }

  private func level(of name: String, rate: Int, taking tokens: Int) -> Double {
    buckets.withLock { buckets in
      let now = ContinuousClock.now
      var bucket = buckets[name] ?? Bucket(level: Double(rate), since: now)
      let filled = (now - bucket.since) / .seconds(60) * Double(rate)
      bucket.level = min(Double(rate), bucket.level + filled) - Double(tokens)
      bucket.since = now
      buckets[name] = bucket
      return bucket.level
    }
  }
}
