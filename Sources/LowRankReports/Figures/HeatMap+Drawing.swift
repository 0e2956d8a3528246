extension HeatMap {
  /// Draws it, as wide as it has to be.
  public func drawing(width: Double, titled: Bool) -> Drawing {
    let grid = HeatMapGrid(self, width: width)
    let keyLength = min(280, width - 40)
    let whole = max(grid.width, keyLength + 40)
    var sketch = Sketch(width: min(width, whole), title: titled ? title : nil)
    let shown = values.joined().compactMap(shown)
    let key = AxisLayout(scale, values: shown, length: keyLength, .horizontal)
    if !columnTitle.isEmpty {
      sketch.text(columnTitle, grid.left, sketch.y + 12, Drawing.Lettering(.muted))
      sketch.y += 20
    }
    drawLabels(grid, on: &sketch)
    sketch.y += grid.head
    let texts = cellTexts(shown, grid)
    for row in rows.indices {
      for column in columns.indices {
        draw(row, column, grid, key, texts, on: &sketch)
      }
      sketch.y += grid.cellHeight
    }
    sketch.y += 16
    if rows.isEmpty || columns.isEmpty { sketch.paragraph("no data") }
    draw(key, length: keyLength, isEmpty: shown.isEmpty, on: &sketch)
    for note in notes { sketch.paragraph(note) }
    return sketch.drawing(of: self, width: whole)
  }

  private func draw(
    _ row: Int, _ column: Int, _ grid: HeatMapGrid, _ key: AxisLayout,
    _ texts: ((Double) -> String)?, on sketch: inout Sketch
  ) {
    let x = grid.left + grid.cellWidth * Double(column)
    let (width, height) = (grid.cellWidth - grid.gap, grid.cellHeight - grid.gap)
    guard let value = shown(values[row][column]) else {
      let reason = values[row][column].map { NumberText.short($0) } ?? "no value"
      sketch.blank(x, sketch.y, width, height, hint: "\(name(row, column)): \(reason)")
      return
    }
    let place = key.place(of: value)
    sketch.rectangle(
      x, sketch.y, width, height, .scale(place),
      hint: "\(name(row, column)): \(NumberText.short(value))")
    guard let texts else { return }
    sketch.text(
      texts(value), x + width / 2, sketch.y + height / 2 + 4,
      Drawing.Lettering(.onScale(place), size: Sketch.Size.cell, anchor: .middle))
  }

  /// How values are written in their cells, all with the same decimals; nil where there is no room.
  private func cellTexts(_ shown: [Double], _ grid: HeatMapGrid) -> ((Double) -> String)? {
    guard grid.cellHeight >= 18, let largest = shown.map(abs).max() else { return nil }
    let whole = shown.allSatisfy { $0 == $0.rounded() && abs($0) < 1e6 }
    for digits in [3, 2] {
      let decimals = whole || largest == 0 ? 0 : digits - 1 - Int(largest.magnitudeOfTen)
      let text: (Double) -> String =
        (0...4).contains(decimals) && scale.scale == .linear
        ? { fixed($0, decimals: decimals) } : { NumberText.short($0, digits: digits) }
      let fits = shown.allSatisfy {
        textWidth(text($0), size: Sketch.Size.cell) <= grid.cellWidth - 2
      }
      if fits { return text }
    }
    return nil
  }

  private func drawLabels(_ grid: HeatMapGrid, on sketch: inout Sketch) {
    let bottom = sketch.y + grid.head
    if !rowTitle.isEmpty {
      sketch.text(
        rowTitle, grid.left - 8, bottom - 6, Drawing.Lettering(.muted, anchor: .end))
    }
    for (index, label) in columns.enumerated() where index.isMultiple(of: grid.columnStep) {
      let slanted = grid.columnLabels == .slanted
      let middle = grid.left + grid.cellWidth * (Double(index) + 0.5)
      sketch.label(
        label, slanted ? middle + 2 : middle, bottom - 6,
        limit: HeatMapGrid.columnLabelLimit,
        Drawing.Lettering(anchor: slanted ? .start : .middle, rotation: slanted ? -45 : 0))
    }
    for (index, label) in rows.enumerated() where index.isMultiple(of: grid.rowStep) {
      sketch.label(
        label, grid.left - 8, bottom + grid.cellHeight * (Double(index) + 0.5) + 4,
        limit: grid.rowLabelLimit, Drawing.Lettering(anchor: .end))
    }
  }

  /// The colours with their numbers.
  private func draw(
    _ key: AxisLayout, length: Double, isEmpty: Bool, on sketch: inout Sketch
  ) {
    sketch.paragraph(scale.label)
    if !isEmpty {
      sketch.y += 4
      let left = 20.0
      let steps = 56
      for step in 0..<steps {
        let place = (Double(step) + 0.5) / Double(steps)
        // Each reaches under those after it, so that nothing shines through between them.
        let start = length * Double(step) / Double(steps)
        sketch.rectangle(left + start, sketch.y, length - start, 12, .scale(place))
      }
      for tick in key.ticks {
        let x = left + key.place(of: tick.value) * length
        sketch.line(x, sketch.y + 12, x, sketch.y + 17, Drawing.Stroke(.muted))
        sketch.text(
          tick.label, x, sketch.y + 30, Drawing.Lettering(.muted, anchor: .middle))
      }
      sketch.y += 38
    }
    if hasBlanks {
      sketch.y += 2
      Legend(entries: [(.blank, "no value")]).draw(on: &sketch)
    }
  }
}

extension Double {
  /// The exponent of its first digit.
  fileprivate var magnitudeOfTen: Double {
    self == 0 ? 0 : abs(self).logarithm.rounded(.down)
  }
}
