import Foundation
import LowRankConsole

extension TextTable {
  /// Sets rows that have the same number of cells, the first to the left and the others to the right.
  package init(_ rows: [[String]]) {
    let columns = rows.map(\.count).max() ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows of \(rows.map(\.count)) cells")
    self.init(rows: rows, right: Set(0..<columns).subtracting([0]), within: nil)
  }

  /// The lines.
  package var lines: [String] { text.components(separatedBy: "\n") }
}
