/// All series of a run up to a place, thinned; it grows as points come.
struct RunDigest {
  /// At least one bucket for every pixel of a figure as wide as a page.
  static let buckets = 2048
  /// At least one for every column of the map of modules.
  static let normBuckets = 256
  /// More metrics than this are no longer a page to look at.
  static let seriesLimit = 4096

  private(set) var place: Int64 = 0
  /// When the last point was recorded.
  private var time: Double?
  private var names: [MetricName] = []
  private var series: [MetricName: ThinnedSeries] = [:]

  mutating func add(_ points: [WatchedPoint]) {
    for point in points {
      place = max(place, point.place)
      time = point.time
      if series[point.metric] == nil {
        guard names.count < Self.seriesLimit else { continue }
        names.append(point.metric)
        series[point.metric] = ThinnedSeries(
          limit: point.metric.isOfModule ? Self.normBuckets : Self.buckets)
      }
      series[point.metric]?.add(point.value, at: point.step)
    }
  }
}

extension RunDigest: Encodable {
  private enum Key: CodingKey { case cursor, time, series }

  private struct Named: Encodable {
    let name: MetricName
    let series: ThinnedSeries

    private enum Key: CodingKey { case name, width, limit, steps, means, least, largest, counts }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(name, forKey: .name)
      try container.encode(series.width, forKey: .width)
      try container.encode(series.limit, forKey: .limit)
      try container.encode(series.buckets.map(\.step), forKey: .steps)
      // Nine digits are more than a figure or its table shows.
      try container.encode(series.buckets.map { Float($0.mean).shown }, forKey: .means)
      guard series.width > 1 else { return }
      try container.encode(series.buckets.map { Float($0.least).shown }, forKey: .least)
      try container.encode(series.buckets.map { Float($0.largest).shown }, forKey: .largest)
      try container.encode(series.buckets.map(\.count), forKey: .counts)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(place, forKey: .cursor)
    try container.encodeIfPresent(time, forKey: .time)
    let known = names.compactMap { name in series[name].map { Named(name: name, series: $0) } }
    try container.encode(known, forKey: .series)
  }
}

extension Float {
  /// The nearest number that JSON can hold.
  fileprivate var shown: Float {
    isFinite ? self : (self > 0 ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude)
  }
}
