extension Report {
  /// Rows and columns; the first cell of a row is what the row is about.
  public struct Table: Hashable, Sendable {
    /// One value.
    public enum Cell: Hashable, Sendable {
      /// Text.
      case text(String)
      /// A name from a file, set in the letters of code.
      case name(String)
      /// A number, of which five digits are shown.
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

    /// How many decimals the numbers of a column have, so that their points are below each other; nil where they are
    /// too different in size.
    func decimals(_ column: Int) -> Int? {
      var most = 0
      for row in rows {
        guard case .number(let number) = row[column], number.isFinite else { continue }
        guard number == 0 || (1e-4..<1e15).contains(abs(number)) else { return nil }
        most = max(most, fraction(row[column].text))
      }
      return most <= 6 ? most : nil
    }

    /// Whether the first value of a column is a number.
    func isNumeric(_ column: Int) -> Bool {
      let first = rows.lazy.map { $0[column] }.first { $0 != .empty }
      return first?.isNumeric ?? false
    }
  }
}

/// How many decimals a number has.
private func fraction(_ text: String) -> Int {
  guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
  return text.utf8.distance(from: point, to: text.utf8.endIndex) - 1
}

extension Report.Table.Cell {
  /// What is read where its column has that many decimals.
  func text(decimals: Int?) -> String {
    guard let decimals, decimals > 0, case .number(let number) = self, number.isFinite else {
      return text
    }
    let text = text
    let missing = decimals - fraction(text)
    return text + (fraction(text) == 0 ? "." : "") + String(repeating: "0", count: missing)
  }

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
    case .number(let number): NumberText.short(number, digits: 5)
    case .integer(let number): NumberText.integer(number)
    case .empty: ""
    }
  }
}
