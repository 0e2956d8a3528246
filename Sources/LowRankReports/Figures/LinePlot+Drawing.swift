extension LinePlot {
  /// Draws it.
  public func drawing(width: Double, titled: Bool) -> Drawing {
    var sketch = Sketch(width: width, title: titled ? title : nil)
    Legend(
      entries: series.enumerated().filter { !$0.element.name.isEmpty }.map {
        (.line(SeriesStyle(index: $0.offset)), $0.element.name)
      }
    ).draw(on: &sketch)
    sketch.paragraph(y.label)
    sketch.y += 8
    let frame = PlotFrame(self, top: sketch.y, width: width)
    frame.drawGrid(on: &sketch)
    drawReferences(in: frame, on: &sketch)
    for index in series.indices { draw(index, in: frame, on: &sketch) }
    if shownPoints.isEmpty {
      sketch.text(
        "no data", (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2,
        Drawing.Lettering(.muted, size: 14, anchor: .middle))
    }
    labelReferences(in: frame, on: &sketch)
    sketch.y = frame.bottom + 22
    sketch.text(
      shortened(x.label, to: frame.right - frame.left, size: Sketch.Size.label),
      (frame.left + frame.right) / 2, sketch.y + 14,
      Drawing.Lettering(.muted, anchor: .middle))
    sketch.y += 22
    if !notes.isEmpty { sketch.y += 4 }
    for note in notes { sketch.paragraph(note) }
    return sketch.drawing(of: self, width: width)
  }

  /// The line of a series, broken where points are left out, and its markers over it.
  private func draw(_ index: Int, in frame: PlotFrame, on sketch: inout Sketch) {
    let style = SeriesStyle(index: index)
    let runs = series[index].points.split(omittingEmptySubsequences: true) { !shows($0) }
      .map { thinned($0.map(frame.place), to: frame.right - frame.left) }
    for run in runs where run.count > 1 { sketch.shapes.append(.polyline(run, style.stroke)) }
    // So many that they do not touch, and few where the line is dense; ends always.
    let points = runs.flatMap { $0 }
    let room = max(2, Int((frame.right - frame.left) / 22))
    let step = max(1, points.count / (points.count > 4 * room ? 6 : room))
    for (position, point) in points.enumerated()
    where position.isMultiple(of: step) || position == points.count - 1 {
      sketch.shapes += style.marker(at: point)
    }
  }

  private func drawReferences(in frame: PlotFrame, on sketch: inout Sketch) {
    let stroke = Drawing.Stroke(.ink, width: 1.25, dashes: [4, 3])
    for reference in shownReferences {
      switch reference {
      case .horizontal(let value, _):
        let y = frame.y(value)
        sketch.line(frame.left, y, frame.right, y, stroke)
      case .vertical(let value, _):
        let x = frame.x(value)
        sketch.line(x, frame.top, x, frame.bottom, stroke)
      }
    }
  }

  private func labelReferences(in frame: PlotFrame, on sketch: inout Sketch) {
    var verticals = 0
    for reference in shownReferences {
      switch reference {
      case .horizontal(let value, let label):
        let place = frame.freePlace(beside: value, for: label, among: sketch.shapes)
        sketch.label(
          label, place.x, place.y, limit: frame.right - frame.left,
          Drawing.Lettering(anchor: place.x > frame.left + 2 ? .end : .start, rimmed: true))
      case .vertical(let value, let label):
        let x = frame.x(value)
        let leftwards = x > (frame.left + frame.right) / 2
        sketch.label(
          label, leftwards ? x - 6 : x + 6, frame.top + 14 + 16 * Double(verticals),
          limit: leftwards ? x - 6 - frame.left : frame.right - x - 6,
          Drawing.Lettering(anchor: leftwards ? .end : .start, rimmed: true))
        verticals += 1
      }
    }
  }
}
