/// A metric over a whole run.
public struct MetricSummary: Hashable, Sendable {
  /// The last value recorded.
  public let last: MetricPoint
  /// The least of the values that are numbers, nil where none is.
  public let least: MetricPoint?
  /// The greatest of the values that are numbers, nil where none is.
  public let greatest: MetricPoint?

  /// The summary of one metric's points in the order of recording, nil where there are none.
  public init?(of points: some Collection<MetricPoint>) {
    var (least, greatest, last) = (MetricPoint?.none, MetricPoint?.none, MetricPoint?.none)
    for point in points {
      last = point
      guard !point.value.isNaN else { continue }
      if least.map({ point.value < $0.value }) ?? true { least = point }
      if greatest.map({ point.value > $0.value }) ?? true { greatest = point }
    }
    guard let last else { return nil }
    (self.last, self.least, self.greatest) = (last, least, greatest)
  }
}
