/// A value of a metric at a step.
package struct WatchedPoint: Hashable, Sendable {
  /// Where it lies among the points of its run; larger than that of every point before it.
  package let place: Int64
  package let step: Int
  /// When it was recorded, in seconds since 1970.
  package let time: Double
  /// Its name, as `loss`, `valid_loss` or `update_norm/model.layers.0.self_attn.q_proj`.
  package let metric: MetricName
  package let value: Double

  package init(place: Int64, step: Int, time: Double, metric: MetricName, value: Double) {
    (self.place, self.step, self.time) = (place, step, time)
    (self.metric, self.value) = (metric, value)
  }
}

/// The name of a metric, equal only to the same bytes: it may hold a module's path.
package struct MetricName: Hashable, Sendable, Encodable, ExpressibleByStringLiteral {
  package let text: String

  package init(_ text: String) { self.text = text }
  package init(stringLiteral text: String) { self.init(text) }

  package static func == (first: Self, second: Self) -> Bool {
    first.text.utf8.elementsEqual(second.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    hasher.combine(0xFF as UInt8)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  /// Whether it is one of the many that are shown together, as cells of a map of modules and steps.
  var isOfModule: Bool {
    ["update_norm/", "rank/"].contains { text.utf8.starts(with: $0.utf8) }
  }
}
