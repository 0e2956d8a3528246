/// Consecutive points of one step, as clients are sent them.
struct PointGroup: Encodable {
  let step: Int
  let time: Double
  var values: [(metric: MetricName, value: Double)]

  /// Groups points; a metric that comes again begins a new group.
  static func groups(_ points: [WatchedPoint]) -> [PointGroup] {
    var groups: [PointGroup] = []
    var seen: Set<MetricName> = []
    for point in points {
      let pair = (point.metric, point.value)
      if groups.last?.step == point.step, seen.insert(point.metric).inserted {
        groups[groups.count - 1].values.append(pair)
      } else {
        groups.append(PointGroup(step: point.step, time: point.time, values: [pair]))
        seen = [point.metric]
      }
    }
    return groups
  }

  private enum Key: CodingKey { case step, time, values }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(step, forKey: .step)
    try container.encode(time, forKey: .time)
    var list = container.nestedUnkeyedContainer(forKey: .values)
    for (metric, value) in values {
      var pair = list.nestedUnkeyedContainer()
      try pair.encode(metric)
      if value.isFinite { try pair.encode(value) } else { try pair.encodeNil() }
    }
  }
}

/// The points after a place, one by one.
struct PointPage: Encodable {
  static let limit = 5000

  let cursor: Int64
  /// Whether there may be more after the cursor.
  let more: Bool
  let groups: [PointGroup]

  init(_ points: [WatchedPoint], after place: Int64) {
    cursor = points.last?.place ?? place
    more = points.count == Self.limit
    groups = PointGroup.groups(points)
  }
}
