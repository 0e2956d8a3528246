/// The keys of colours, in as many rows as they need.
struct Legend {
  /// What stands before a name.
  enum Key {
    case line(SeriesStyle)
    case swatch(Drawing.Paint)
    case blank
  }

  static let keyWidth = 30.0
  static let rowHeight = 20.0

  let entries: [(key: Key, name: String)]

  /// Adds it to the sketch.
  func draw(on sketch: inout Sketch) {
    guard !entries.isEmpty else { return }
    let limit = sketch.width - Self.keyWidth - 8
    var widths = entries.map { entry in
      Self.keyWidth + 24 + min(limit, textWidth(entry.name, size: Sketch.Size.label))
    }
    // What does not fit into one row stands in columns.
    if let widest = widths.max(), widths.reduce(-18, +) > sketch.width {
      widths = widths.map { _ in widest }
    }
    var x = 0.0
    for ((key, name), width) in zip(entries, widths) {
      if x > 0, x + width - 18 > sketch.width {
        x = 0
        sketch.y += Self.rowHeight
      }
      draw(key, x, on: &sketch)
      sketch.label(
        name, x + Self.keyWidth + 6, sketch.y + 12, limit: limit, Drawing.Lettering())
      x += width
    }
    sketch.y += Self.rowHeight + 4
  }

  private func draw(_ key: Key, _ x: Double, on sketch: inout Sketch) {
    let middle = sketch.y + 8
    switch key {
    case .line(let style):
      sketch.line(x, middle, x + Self.keyWidth, middle, style.stroke)
      sketch.shapes += style.marker(at: Drawing.Point(x + Self.keyWidth / 2, middle))
    case .swatch(let paint):
      sketch.rectangle(x, middle - 6, Self.keyWidth, 12, paint, radius: 2)
    case .blank:
      sketch.blank(x, middle - 6, Self.keyWidth, 12)
    }
  }
}
