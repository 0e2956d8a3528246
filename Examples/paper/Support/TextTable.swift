import Foundation

/// Rows of text with columns below each other, the first to the left and the others to the right.
package struct TextTable {
  /// The lines.
  package let lines: [String]

  /// Sets rows that have the same number of cells.
  package init(_ rows: [[String]]) {
    let columns = rows.map(\.count).max() ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows of \(rows.map(\.count)) cells")
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    lines = rows.map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
    }
  }
}

/// A number with four digits.
func digits(_ value: Double) -> String { String(format: "%.4g", value) }

/// A loss.
func lossText(_ value: Double) -> String { String(format: "%.4f", value) }

/// A share between 0 and 1.
func shareText(_ value: Double) -> String { String(format: "%.3f", value) }
