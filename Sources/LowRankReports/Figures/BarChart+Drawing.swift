extension BarChart {
  /// Draws it.
  public func drawing(width: Double, titled: Bool) -> Drawing {
    var sketch = Sketch(width: width, title: titled ? title : nil)
    if bars.contains(where: { $0.total != nil }) {
      Legend(entries: [(.swatch(.series(0)), axis.title), (.swatch(.grid), totalName)])
        .draw(on: &sketch)
    }
    let layout = BarLayout(self, top: sketch.y, width: width)
    draw(layout, on: &sketch)
    sketch.y = layout.bottom + 22
    let label = shortened(axis.label, to: width, size: Sketch.Size.label)
    let half = textWidth(label, size: Sketch.Size.label) / 2
    sketch.text(
      label, min(width - half, max(half, (layout.left + layout.right) / 2)), sketch.y + 14,
      Drawing.Lettering(.muted, anchor: .middle))
    sketch.y += 22
    for note in notes { sketch.paragraph(note) }
    return sketch.drawing(of: self, width: width)
  }

  private func draw(_ layout: BarLayout, on sketch: inout Sketch) {
    for tick in layout.axis.ticks {
      let x = layout.x(tick.value)
      rule(x, .grid, layout, on: &sketch)
      sketch.text(tick.label, x, layout.bottom + 16, Drawing.Lettering(.muted, anchor: .middle))
    }
    for (index, bar) in bars.enumerated() {
      draw(bar, layout, layout.top + layout.pitch * Double(index), on: &sketch)
    }
    rule(layout.x(0), .muted, layout, on: &sketch)
    if bars.isEmpty {
      sketch.text(
        "no data", (layout.left + layout.right) / 2, layout.top + 18,
        Drawing.Lettering(.muted, size: 14, anchor: .middle))
    }
  }

  /// Draws a line down through the bars, but not through labels above them.
  private func rule(
    _ x: Double, _ paint: Drawing.Paint, _ layout: BarLayout, on sketch: inout Sketch
  ) {
    guard layout.labelsAbove else {
      return sketch.line(x, layout.top, x, layout.bottom, Drawing.Stroke(paint))
    }
    for index in bars.indices {
      let bottom = layout.top + layout.pitch * Double(index + 1)
      sketch.line(x, bottom - BarLayout.height - 7, x, bottom - 1, Drawing.Stroke(paint))
    }
  }

  private func draw(_ bar: Bar, _ layout: BarLayout, _ top: Double, on sketch: inout Sketch) {
    let middle = top + layout.pitch - BarLayout.height / 2 - 4
    if layout.labelsAbove {
      sketch.label(bar.label, layout.left, top + 17, limit: sketch.width, Drawing.Lettering())
    } else {
      sketch.label(
        bar.label, layout.left - 8, middle + 4, limit: layout.left - 8,
        Drawing.Lettering(anchor: .end))
    }
    let hint = "\(bar.label): \(text(of: bar))"
    let zero = layout.x(0)
    var end = zero
    if let total = bar.total, axis.shows(total) {
      end = max(end, layout.x(total))
      rectangle(zero, layout.x(total), middle, .grid, hint, on: &sketch)
    }
    if axis.shows(bar.value) {
      end = max(end, layout.x(bar.value))
      rectangle(zero, layout.x(bar.value), middle, .series(0), hint, on: &sketch)
    }
    sketch.text(
      text(of: bar), end + 6, middle + 4, Drawing.Lettering(.muted, rimmed: true))
  }

  private func rectangle(
    _ zero: Double, _ end: Double, _ middle: Double, _ fill: Drawing.Paint, _ hint: String,
    on sketch: inout Sketch
  ) {
    sketch.rectangle(
      min(zero, end), middle - BarLayout.height / 2, abs(end - zero), BarLayout.height, fill,
      hint: hint)
  }
}

/// Where the bars of a chart are.
struct BarLayout {
  static let height = 14.0

  let labelsAbove: Bool
  let axis: AxisLayout
  let left: Double
  let right: Double
  let top: Double
  /// From bar to bar.
  let pitch: Double
  let bottom: Double

  init(_ chart: BarChart, top: Double, width: Double) {
    func widest(_ texts: [String]) -> Double {
      (texts.map { textWidth($0, size: Sketch.Size.label) }.max() ?? 0) + 10
    }
    let labels = widest(chart.bars.map(\.label))
    labelsAbove = labels > width / 3
    left = labelsAbove ? 6 : labels
    right = max(left + 80, width - widest(chart.bars.map(chart.text)))
    self.top = top
    pitch = labelsAbove ? 42 : 24
    bottom = top + pitch * Double(max(1, chart.bars.count)) + 4
    let values = chart.bars.flatMap { [$0.value, $0.total].compactMap { $0 } }
    // Bars begin at zero, and where all end there the axis still goes to the right.
    let ends = values.contains { chart.axis.shows($0) && $0 != 0 } ? [0.0] : [0, 1]
    axis = AxisLayout(chart.axis, values: values + ends, length: right - left, .horizontal)
  }

  func x(_ value: Double) -> Double { left + axis.place(of: value) * (right - left) }
}
