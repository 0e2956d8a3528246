import LowRankCheckpoints

/// A table of text: columns as wide as their widest cell, two spaces between them.
///
/// In a given width, names are shortened in the middle first. If that is not enough, the columns are continued in further
/// blocks below, each of which repeats the first column.
package struct TextTable {
  /// The lines of the table, without a newline at the end.
  package let text: String

  private static let gap = 2
  /// The width below which names are not shortened.
  private static let shortest = 12

  /// - Parameters:
  ///   - right: the columns that end at the same place, such as numbers; the others are names that may be shortened.
  ///   - whole: further columns that are never shortened, such as dates.
  ///   - columns: the width to fit; nil for the full width.
  package init(
    _ header: [String], right: Set<Int> = [], whole: Set<Int> = [], rows: [[String]],
    within columns: Int? = Terminal.resultColumns
  ) {
    self.init(rows: [header] + rows, right: right, whole: whole, within: columns)
  }

  /// A table without a line of column names.
  package init(
    rows: [[String]], right: Set<Int> = [], whole: Set<Int> = [],
    within columns: Int? = Terminal.resultColumns
  ) {
    var lines = rows.map { $0.map(\.printable) }
    let header = lines.first ?? []
    var widths = header.indices.map { column in lines.map { displayWidth($0[column]) }.max() ?? 0 }
    var blocks = [Array(header.indices)]
    if let columns, Self.width(of: blocks[0], widths) > columns {
      let names = header.indices.filter { !right.contains($0) && !whole.contains($0) }
      let least = names.map { name in
        min(widths[name], Self.leastWidth(of: lines.map { $0[name] }))
      }
      Self.shrink(&widths, of: names, downTo: least, within: columns)
      if Self.width(of: blocks[0], widths) > columns {
        blocks = Self.blocks(&widths, within: columns)
      }
      for column in header.indices {
        let cells = Self.shortened(lines.map { $0[column] }, to: widths[column])
        for (line, cell) in cells.enumerated() { lines[line][column] = cell }
      }
    }
    text = blocks.map { block in
      lines.map { Self.line($0, block, widths, right) }.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private static func line(
    _ cells: [String], _ block: [Int], _ widths: [Int], _ right: Set<Int>
  ) -> String {
    let text = block.map { column in
      let space = String(
        repeating: " ", count: max(0, widths[column] - displayWidth(cells[column])))
      return right.contains(column) ? space + cells[column] : cells[column] + space
    }.joined(separator: String(repeating: " ", count: gap))
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  private static func width(of block: [Int], _ widths: [Int]) -> Int {
    block.reduce(0) { $0 + widths[$1] } + gap * max(0, block.count - 1)
  }

  /// Makes the widest of the names' columns narrower until the table fits or none can be.
  private static func shrink(
    _ widths: inout [Int], of names: [Int], downTo least: [Int], within columns: Int
  ) {
    while width(of: Array(widths.indices), widths) > columns {
      let free = zip(names, least).filter { widths[$0] > $1 }
      guard let widest = free.max(by: { widths[$0.0] < widths[$1.0] }) else { return }
      widths[widest.0] -= 1
    }
  }

  /// The columns in groups that fit beside the first column.
  private static func blocks(_ widths: inout [Int], within columns: Int) -> [[Int]] {
    // Of a screen that is narrower than the first column, something is left for the others.
    widths[0] = min(
      widths[0], max(1, columns - gap - min(columns / 3, widths.dropFirst().max() ?? 0)))
    var blocks: [[Int]] = []
    for column in widths.indices.dropFirst() {
      widths[column] = min(widths[column], max(1, columns - gap - widths[0]))
      if let last = blocks.last, width(of: last + [column], widths) <= columns {
        blocks[blocks.count - 1].append(column)
      } else {
        blocks.append([0, column])
      }
    }
    return blocks
  }

  /// The least width to which names can be shortened and still be told apart.
  private static func leastWidth(of names: [String]) -> Int {
    let natural = names.map { displayWidth($0) }.max() ?? 0
    guard natural > shortest else { return natural }
    let names = Array(Set(names))
    return (shortest..<natural).first { Set(shortened(names, to: $0)).count == names.count }
      ?? natural
  }

  /// The names with their middle left out at the place where they stay different best.
  private static func shortened(_ names: [String], to width: Int) -> [String] {
    guard names.contains(where: { displayWidth($0) > width }) else { return names }
    let heads = [width / 3, width / 5, width / 2, 2 * width / 3].map { max(1, min($0, width - 2)) }
    let choices = heads.map { head in names.map { $0.shortened(to: width, head: head) } }
    let best = choices.map { Set($0).count }.max()
    return choices.first { Set($0).count == best } ?? names
  }
}
