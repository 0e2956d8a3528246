extension Report {
  /// Rows and columns; the first cell of a row is what the row is about.
  public struct Table: Hashable, Sendable {
    /// One value.
    public enum Cell: Hashable, Sendable {
      /// Text.
      case text(String)
      /// A name from a file, set in the letters of code.
      case name(String)
      /// A number, of which six digits are shown.
      case number(Double)
      /// A whole number.
      case integer(Int)
      /// Nothing.
      case empty
    }

    /// The names of the columns.
    public let columns: [String]
    /// The rows.
    public let rows: [[Cell]]

    /// Makes the table of rows that have a cell for each column.
    public init(columns: [String], rows: [[Cell]]) {
      precondition(
        rows.allSatisfy { $0.count == columns.count },
        "rows of \(Set(rows.map(\.count)).sorted()) cells for \(columns.count) columns")
      (self.columns, self.rows) = (columns, rows)
    }

    /// Whether the first value of a column is a number.
    func isNumeric(_ column: Int) -> Bool {
      let first = rows.lazy.map { $0[column] }.first { $0 != .empty }
      return first?.isNumeric ?? false
    }
  }
}

extension Report.Table.Cell {
  /// Whether it is a number.
  var isNumeric: Bool {
    switch self {
    case .number, .integer: true
    case .text, .name, .empty: false
    }
  }

  /// What is read.
  var text: String {
    switch self {
    case .text(let text), .name(let text): text
    case .number(let number): NumberText.short(number, digits: 6)
    case .integer(let number): NumberText.integer(number)
    case .empty: ""
    }
  }
}
