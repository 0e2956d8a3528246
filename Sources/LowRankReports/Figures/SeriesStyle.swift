import Foundation

/// What tells a series from others: its colour, its dashes and its marker.
struct SeriesStyle {
  let index: Int

  private static let dashes: [[Double]] = [
    [], [7, 4], [2, 3], [9, 3, 2, 3], [12, 4], [5, 2], [9, 3, 2, 3, 2, 3], [3, 5],
  ]

  var paint: Drawing.Paint { .series(index) }

  var stroke: Drawing.Stroke {
    // From the ninth on colours come again, but with other dashes.
    Drawing.Stroke(
      paint, width: 2, dashes: Self.dashes[(index + 3 * (index / 8)) % Self.dashes.count])
  }

  /// Its marker at a place, kept apart from what lies under it.
  func marker(at point: Drawing.Point) -> [Drawing.Shape] {
    [shape(at: point, radius: 6, .surface), shape(at: point, radius: 4.5, paint)]
  }

  private func shape(at centre: Drawing.Point, radius: Double, _ fill: Drawing.Paint)
    -> Drawing.Shape
  {
    let corners: [(x: Double, y: Double)]
    switch index % 8 {
    case 0: return .circle(centre, radius: radius * 0.9, fill: fill)
    case 1: corners = [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]
    case 2: corners = Self.polygon(3, turned: 0)
    case 3: corners = Self.polygon(4, turned: 0)
    case 4: corners = Self.polygon(3, turned: .pi)
    case 5: corners = Self.cross
    case 6: corners = Self.polygon(5, turned: 0)
    default: corners = Self.cross.map { (0.7 * ($0.x - $0.y), 0.7 * ($0.x + $0.y)) }
    }
    return .polygon(
      corners.map { Drawing.Point(centre.x + radius * $0.x, centre.y + radius * $0.y) },
      fill: fill)
  }

  private static func polygon(_ count: Int, turned: Double) -> [(x: Double, y: Double)] {
    (0..<count).map {
      let angle = turned + 2 * .pi * Double($0) / Double(count)
      return (1.15 * sin(angle), -1.15 * cos(angle))
    }
  }

  private static let cross: [(x: Double, y: Double)] = [
    (-0.36, -1), (0.36, -1), (0.36, -0.36), (1, -0.36), (1, 0.36), (0.36, 0.36), (0.36, 1),
    (-0.36, 1), (-0.36, 0.36), (-1, 0.36), (-1, -0.36), (-0.36, -0.36),
  ]
}
