import Foundation

/// An axis with its ends and ticks.
struct AxisLayout {
  /// A marked value.
  struct Tick: Hashable {
    let value: Double
    let label: String
  }

  /// In which direction labels stand beside each other.
  enum Direction {
    case horizontal
    case vertical
  }

  let axis: Axis
  /// The marked values within the ends.
  private(set) var ticks: [Tick] = []
  /// The measures of the ends.
  private let ends: ClosedRange<Double>

  /// The size of the labels.
  static let labelSize = 12.0

  /// Lays out the axis for those of the values that it shows.
  ///
  /// - Parameters:
  ///   - length: in pixels.
  ///   - rounded: whether a linear axis ends at ticks; else it ends a little outside the values.
  ///   - margin: the share of the axis at each end that stays free.
  init(
    _ axis: Axis, values: some Sequence<Double>, length: Double, _ direction: Direction,
    rounded: Bool = false, margin: Double = 0
  ) {
    self.axis = axis
    var shown = values.filter(axis.shows)
    if let covering = axis.covering {
      shown += [covering.lowerBound, covering.upperBound].filter(axis.shows)
    }
    var ends = Self.ends(shown.map(axis.measure), axis.scale)
    let wanted = max(2, min(8, Int(length / 44)))
    if rounded, axis.scale == .linear {
      ends = Self.rounded(ends, ticks: wanted)
    } else {
      let free = margin * (ends.upperBound - ends.lowerBound)
      ends = ends.lowerBound - free...ends.upperBound + free
    }
    self.ends = ends
    let choices =
      axis.scale == .linear
      ? linearTicks(in: ends, wanted: wanted)
      : logarithmicTicks(in: ends, wanted: wanted)
    for choice in choices {
      ticks = choice
      if fits(choice, length, direction) { break }
    }
  }

  /// The place of a value that the axis shows, 0 at the lower end and 1 at the upper.
  func place(of value: Double) -> Double {
    (axis.measure(value) - ends.lowerBound) / (ends.upperBound - ends.lowerBound)
  }

  private func fits(_ ticks: [Tick], _ length: Double, _ direction: Direction) -> Bool {
    zip(ticks, ticks.dropFirst()).allSatisfy { first, second in
      let distance = (place(of: second.value) - place(of: first.value)) * length
      guard direction == .horizontal else { return distance >= Self.labelSize + 4 }
      let widths = [first, second].map { textWidth($0.label, size: Self.labelSize) }
      return distance >= (widths[0] + widths[1]) / 2 + 8
    }
  }

  /// The ends of the measures, apart from each other in any case.
  private static func ends(_ measures: [Double], _ scale: Axis.Scale) -> ClosedRange<Double> {
    guard let least = measures.min(), let largest = measures.max() else {
      return 0...1
    }
    guard largest - least <= 1e-9 * max(abs(least), abs(largest)) else { return least...largest }
    if scale == .logarithmic { return least - 0.5...largest + 0.5 }
    let half = least == 0 ? 1 : abs(least) / 2
    return least - half...largest + half
  }

  private static func rounded(_ ends: ClosedRange<Double>, ticks: Int) -> ClosedRange<Double> {
    let step = niceStep((ends.upperBound - ends.lowerBound) / Double(ticks))
    let lower = (ends.lowerBound / step + 1e-9).rounded(.down) * step
    return lower...max(lower + step, (ends.upperBound / step - 1e-9).rounded(.up) * step)
  }
}
