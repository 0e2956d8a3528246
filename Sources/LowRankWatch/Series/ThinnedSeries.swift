/// The values of one metric, in no more buckets than a figure has pixels.
///
/// A bucket holds the values of `width` consecutive steps: their mean and their extremes, so that no peak is lost.
/// `width` doubles whenever there are too many. A step that comes again, as after a crash and a resume, displaces
/// what was recorded from it on.
struct ThinnedSeries {
  struct Bucket: Equatable {
    var step: Int
    var count: Int
    var sum: Double
    var least: Double
    var largest: Double

    var mean: Double { sum / Double(count) }
  }

  let limit: Int
  private(set) var width = 1
  private(set) var buckets: [Bucket] = []

  init(limit: Int) {
    precondition(limit >= 2, "a series of \(limit) buckets cannot be halved")
    self.limit = limit
  }

  /// Adds a value; one that is not finite leaves a gap.
  mutating func add(_ value: Double, at step: Int) {
    guard value.isFinite else { return }
    if let last = buckets.last, step <= last.step {
      while let last = buckets.last, last.step / width * width >= step { buckets.removeLast() }
    }
    append(Bucket(step: step, count: 1, sum: value, least: value, largest: value))
    while buckets.count > limit { halve() }
  }

  private mutating func append(_ bucket: Bucket) {
    guard let last = buckets.last, last.step / width == bucket.step / width else {
      buckets.append(bucket)
      return
    }
    buckets[buckets.count - 1] = Bucket(
      step: max(last.step, bucket.step), count: last.count + bucket.count,
      sum: last.sum + bucket.sum, least: min(last.least, bucket.least),
      largest: max(last.largest, bucket.largest))
  }

  private mutating func halve() {
    let before = buckets
    buckets.removeAll(keepingCapacity: true)
    width *= 2
    for bucket in before { append(bucket) }
  }
}
