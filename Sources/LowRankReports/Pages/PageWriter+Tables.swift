extension PageWriter {
  /// Appends a table in a box in which it scrolls if it is longer, or wider, than the box.
  ///
  /// On a phone, the rows of a table that would be wider are shown one below the other, each value under the name of its
  /// column. Style sheets take a table's roles away with its layout, so they are written out.
  mutating func write(_ table: Report.Table, label: String) {
    let decimals = table.columns.indices.map(table.decimals)
    let stacks = table.isWider(than: FigureWidth.narrow, decimals)
    text += "<div class=\"scroll rows\(stacks ? " stack" : "")\""
    text += " role=\"region\" tabindex=\"0\" aria-label=\"\(label)\">\n"
    text += "<table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">"
    for (index, column) in table.columns.enumerated() {
      let kind = table.isNumeric(index) ? " class=\"n\"" : ""
      text += "<th role=\"columnheader\" scope=\"col\"\(kind)>\(escaped(column))</th>"
    }
    text += "</tr></thead>\n<tbody role=\"rowgroup\">\n"
    for row in table.rows {
      text += "<tr role=\"row\">"
      for (index, cell) in row.enumerated() {
        write(cell, decimals[index], of: table.columns[index], leads: index == 0)
      }
      text += "</tr>\n"
    }
    if table.rows.isEmpty {
      let count = max(1, table.columns.count)
      text += "<tr role=\"row\"><td role=\"cell\" colspan=\"\(count)\">no data</td></tr>\n"
    }
    text += "</tbody>\n</table>\n</div>\n"
  }

  /// Appends a cell of a column; the leading one is what its row is about, and a number needs the column's name there too.
  private mutating func write(
    _ cell: Report.Table.Cell, _ decimals: Int?, of column: String, leads: Bool
  ) {
    let element = leads ? "th" : "td"
    text += leads ? "<th role=\"rowheader\" scope=\"row\"" : "<td role=\"cell\""
    if !leads || cell.isNumeric || Double(cell.text) != nil {
      text += " data-column=\"\(escaped(column))\""
    }
    if cell.isNumeric {
      text += " class=\"n\""
    } else if !leads, textWidth(cell.text, size: 14) > 150 {
      // A text that may be broken into lines.
      text += " class=\"l\""
    }
    text += ">"
    if case .name(let name) = cell {
      text += "<code>\(escaped(name))</code>"
    } else {
      text += escaped(cell.text(decimals: decimals))
    }
    text += "</\(element)>"
  }
}

extension Report.Table {
  /// Whether the table is likely to need more than a width, in CSS pixels.
  fileprivate func isWider(than limit: Double, _ decimals: [Int?]) -> Bool {
    // The letters are of 14 pixels, those of code of 12.6; each cell has 12 pixels of space on either side.
    var width = 0.0
    for (index, column) in columns.enumerated() {
      let cells = rows.map { row in
        if case .name(let name) = row[index] { return 7.6 * Double(name.unicodeScalars.count) }
        return textWidth(row[index].text(decimals: decimals[index]), size: 14)
      }
      width += 24 + max(textWidth(column, size: 14, bold: true), cells.max() ?? 0)
    }
    return width > limit
  }
}
