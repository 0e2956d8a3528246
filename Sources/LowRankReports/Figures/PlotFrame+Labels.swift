extension PlotFrame {
  /// Where a label of a horizontal line covers the least of what is drawn: at one of its ends, above or below.
  func freePlace(
    beside value: Double, for label: String, among shapes: [Drawing.Shape]
  ) -> Drawing.Point {
    let line = y(value)
    let length = min(right - left, textWidth(label, size: Sketch.Size.label) + 8)
    let drawn = shapes.flatMap(traced)
    var best: (covered: Int, place: Drawing.Point)?
    for baseline in [line - 6, line + 16] where baseline - 12 >= top && baseline <= bottom {
      for atRight in [true, false] {
        let start = atRight ? right - length : left
        let covered = drawn.count {
          $0.x >= start - 6 && $0.x <= start + length + 6 && $0.y >= baseline - 16
            && $0.y <= baseline + 6
        }
        guard covered < best?.covered ?? .max else { continue }
        best = (covered, Drawing.Point(atRight ? right - 2 : left + 2, baseline))
      }
    }
    return best?.place ?? Drawing.Point(right - 2, line - 6)
  }

  /// Places every few pixels along what a series has drawn.
  private func traced(_ shape: Drawing.Shape) -> [Drawing.Point] {
    switch shape {
    case .polyline(let points, _):
      zip(points, points.dropFirst()).flatMap { start, end in
        let steps = max(1, Int(max(abs(end.x - start.x), abs(end.y - start.y)) / 6))
        return (0..<steps).map {
          let share = Double($0) / Double(steps)
          return Drawing.Point(
            start.x + share * (end.x - start.x), start.y + share * (end.y - start.y))
        }
      }
    case .circle(let centre, _, _): [centre]
    case .polygon(let points, _): Array(points.prefix(1))
    case .rectangle, .line, .text: []
    }
  }
}
