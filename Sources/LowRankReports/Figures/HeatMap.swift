/// A grid of values as colours.
///
/// A cell without a value, or whose value is not finite or, on a logarithmic scale, not above zero, is struck through.
/// Where all values fit into their cells, they are written there.
public struct HeatMap: Figure, Hashable, Sendable {
  /// A few words that say what is shown.
  public var title: String
  /// What the rows are, such as `layer`.
  public var rowTitle: String
  /// What the columns are, such as `projection`.
  public var columnTitle: String
  /// The labels of the rows, from top to bottom.
  public let rows: [String]
  /// The labels of the columns, from left to right.
  public let columns: [String]
  /// The values by rows; nil where there is none.
  public let values: [[Double?]]
  /// What the colours mean.
  public var scale: Axis

  /// Makes the map of as many values as there are rows and columns.
  public init(
    _ title: String, rows: [String], rowTitle: String = "", columns: [String],
    columnTitle: String = "", values: [[Double?]], scale: Axis
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count },
      "values of \(values.map(\.count)) for \(rows.count) rows and \(columns.count) columns")
    (self.title, self.scale) = (title, scale)
    (self.rowTitle, self.columnTitle) = (rowTitle, columnTitle)
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  /// What it shows in sentences.
  public var summary: String {
    let kind = """
      A heat map of \(scale.label), \(rows.count) by \(columns.count)\
      \(rowTitle.isEmpty || columnTitle.isEmpty ? "" : ", \(rowTitle) by \(columnTitle)").
      """
    let cells = rows.indices.flatMap { row in
      columns.indices.compactMap { column in
        shown(values[row][column]).map { (row: row, column: column, value: $0) }
      }
    }
    guard let least = cells.min(by: { $0.value < $1.value }),
      let largest = cells.max(by: { $0.value < $1.value })
    else { return ([kind, "No values."] + notes).joined(separator: " ") }
    let range = """
      Least: \(NumberText.short(least.value)) at \(name(least.row, least.column)). \
      Largest: \(NumberText.short(largest.value)) at \(name(largest.row, largest.column)).
      """
    return ([kind, range] + notes).joined(separator: " ")
  }

  /// The numbers it shows.
  public var table: Report.Table {
    Report.Table(
      columns: [rowTitle.isEmpty ? "Row" : rowTitle] + columns,
      rows: zip(rows, values).map { label, values in
        [.text(label)] + values.map { $0.map { .number($0) } ?? .empty }
      })
  }

  /// A value that has a colour.
  func shown(_ value: Double?) -> Double? {
    value.flatMap { scale.shows($0) ? $0 : nil }
  }

  /// What a cell is called.
  func name(_ row: Int, _ column: Int) -> String {
    [(rowTitle, rows[row]), (columnTitle, columns[column])]
      .map { $0.isEmpty ? $1 : "\($0) \($1)" }.joined(separator: ", ")
  }

  /// What is not shown, and why.
  var notes: [String] {
    let values = values.joined().compactMap { $0 }.filter { !scale.shows($0) }
    let unusable = values.filter { !(abs($0) < 1e300) }.count
    return [
      (unusable, "has no finite value", "have no finite value"),
      (
        values.count - unusable, "is at or below zero, which a logarithmic scale cannot show",
        "are at or below zero, which a logarithmic scale cannot show"
      ),
    ].filter { $0.0 > 0 }.map { count, one, several in
      count == 1 ? "1 cell \(one)." : "\(count) cells \(several)."
    }
  }

  /// Whether any cell is struck through.
  var hasBlanks: Bool { values.joined().contains { shown($0) == nil } }
}
