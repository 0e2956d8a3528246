/// The area of a plot within its axes.
struct PlotFrame {
  let x: AxisLayout
  let y: AxisLayout
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double

  /// Fits a plot between a height and a width.
  init(_ plot: LinePlot, top: Double, width: Double) {
    let points = plot.shownPoints
    let height = min(340, max(210, width * 0.52))
    var values = points.map(\.y)
    var places = points.map(\.x)
    for reference in plot.shownReferences {
      switch reference {
      case .horizontal(let value, _): values.append(value)
      case .vertical(let value, _): places.append(value)
      }
    }
    // An axis that nearly reaches zero begins there.
    if plot.y.scale == .linear, let least = values.min(), let largest = values.max(),
      least > 0, least < largest / 4
    {
      values.append(0)
    }
    y = AxisLayout(
      plot.y, values: values, length: height, .vertical, rounded: true, margin: 0.05)
    self.top = top
    bottom = top + height
    left = (y.ticks.map { textWidth($0.label, size: AxisLayout.labelSize) }.max() ?? 0) + 10
    right = width - 14
    x = AxisLayout(plot.x, values: places, length: right - left, .horizontal, margin: 0.03)
  }

  func x(_ value: Double) -> Double { left + x.place(of: value) * (right - left) }

  func y(_ value: Double) -> Double { bottom - y.place(of: value) * (bottom - top) }

  func place(_ point: LinePlot.Point) -> Drawing.Point {
    Drawing.Point(x(point.x), y(point.y))
  }

  /// Draws lines at the ticks, their labels, and the horizontal axis.
  func drawGrid(on sketch: inout Sketch) {
    for tick in y.ticks {
      let height = y(tick.value)
      sketch.line(left, height, right, height, Drawing.Stroke(.grid))
      sketch.text(
        tick.label, left - 8, height + 4, Drawing.Lettering(.muted, anchor: .end))
    }
    for tick in x.ticks {
      let place = x(tick.value)
      sketch.line(place, bottom, place, bottom + 5, Drawing.Stroke(.muted))
      let half = textWidth(tick.label, size: AxisLayout.labelSize) / 2
      sketch.text(
        tick.label, min(place, right + 14 - half), bottom + 19,
        Drawing.Lettering(.muted, anchor: .middle))
    }
    sketch.line(left, bottom, right, bottom, Drawing.Stroke(.muted))
  }
}

/// The points of a line that is seen at that width: of many in one pixel, the first, the extremes and the last.
func thinned(_ points: [Drawing.Point], to width: Double) -> [Drawing.Point] {
  guard Double(points.count) > 4 * width else { return points }
  var result: [Drawing.Point] = []
  var start = points.startIndex
  while start < points.endIndex {
    let pixel = points[start].x.rounded(.down)
    let end = points[start...].firstIndex { $0.x.rounded(.down) != pixel } ?? points.endIndex
    let column = start..<end
    let chosen = [
      start, column.min { points[$0].y < points[$1].y }, column.max { points[$0].y < points[$1].y },
      end - 1,
    ]
    result += Set(chosen.compactMap { $0 }).sorted().map { points[$0] }
    start = end
  }
  return result
}
