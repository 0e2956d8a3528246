/// A table for a terminal: columns as wide as their widest cell, two spaces between them.
struct TextTable {
  let text: String

  /// - Parameter right: the columns that end at the same place, such as numbers.
  init(_ header: [String], right: Set<Int> = [], rows: [[String]]) {
    let lines = ([header] + rows).map { $0.map(\.printable) }
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    text = lines.map { line in
      var text = ""
      for (column, cell) in line.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        text += (column == 0 ? "" : "  ") + (right.contains(column) ? space + cell : cell + space)
      }
      return String(text.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
