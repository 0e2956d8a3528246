import LowRankCheckpoints
import LowRankKeys

extension ColumnChoice {
  /// The columns of a table that are meant, by the names they have there; what is not given is
  /// guessed from the names of the first row.
  ///
  /// - Parameter requiresLabels: whether there must be a label; one that is not needed is not
  ///   looked for.
  /// - Throws: `DataError` that lists the columns and says which setting names one.
  func resolved(in table: DataTable, requiresLabels: Bool) throws(DataError) -> ColumnChoice {
    try ColumnSearch(table).columns(self, requiresLabels: requiresLabels)
  }
}

/// Looks for columns in the first row of a table.
private struct ColumnSearch {
  private let table: DataTable
  private let names: [String]

  init(_ table: DataTable) {
    self.table = table
    names = table.rows.first?.fields.keys ?? []
  }

  func columns(
    _ choice: ColumnChoice, requiresLabels: Bool
  ) throws(DataError) -> ColumnChoice {
    guard choice.texts.count <= 2 else {
      throw failure(
        "a row has one text or two, but \(setting: "text_column") names \(quoted(choice.texts, ", "))"
      )
    }
    var texts: [String] = []
    for text in choice.texts {
      texts.append(try name(text, "text_column", isRecorded: choice.recordsTexts))
    }
    let label =
      requiresLabels
      ? try label(choice.label, besides: texts, isRecorded: choice.recordsLabel) : nil
    if texts.isEmpty {
      texts = try guessedTexts(besides: label ?? choice.label.flatMap { try? name($0, "") })
    }
    let all = (texts + (label.map { [$0] } ?? [])).map(ExactText.init)
    if let twice = all.indices.first(where: { all[..<$0].contains(all[$0]) }) {
      throw failure(
        "the \(one) \"\(all[twice].string)\" is given twice, by \(setting: "text_column") or \(setting: "label_column")"
      )
    }
    return ColumnChoice(texts: texts, label: label)
  }

  /// A column by its name, or in tables by its number.
  ///
  /// - Parameter isRecorded: whether an adapter recorded it, and no setting named it.
  private func name(
    _ given: String, _ setting: Setting, isRecorded: Bool = false
  ) throws(DataError) -> String {
    if names.contains(where: { ExactText($0) == ExactText(given) }) { return given }
    if table.format.isTable, let number = columnNumber(given), number <= names.count {
      return names[number - 1]
    }
    guard isRecorded else { throw failure("\(setting): \(table.missing(given, among: names))") }
    throw failure(
      """
      there is no \(one) "\(given)", which the adapter recorded in training; \(table.listing(names)): name one with \
      \(setting)\(nearestName(to: given, among: names).map { ", as \(setting) \($0)" } ?? "")
      """)
  }

  private func label(
    _ given: String?, besides texts: [String], isRecorded: Bool
  ) throws(DataError) -> String? {
    if let given { return try name(given, "label_column", isRecorded: isRecorded) }
    let found = KnownColumns.labels(among: without(texts))
    guard found.count == 1 else { throw undecided(found.map { [$0] }, "label", "label_column") }
    return found[0]
  }

  private func guessedTexts(besides label: String?) throws(DataError) -> [String] {
    let found = KnownColumns.texts(among: without(label.map { [$0] } ?? []))
    if found.count == 1 { return found[0] }
    let others = without(label.map { [$0] } ?? KnownColumns.labels(among: names))
    // A column without a name is pandas' row index.
    let named = others.filter { !$0.hasPrefix("Unnamed: ") }
    if found.isEmpty, names.count - (others.count - named.count) == 2, named.count == 1 {
      return named
    }
    throw undecided(found, "text", "text_column")
  }

  private func without(_ others: [String]) -> [String] {
    let others = others.map(ExactText.init)
    return names.filter { !others.contains(ExactText($0)) }
  }

  private func undecided(_ found: [[String]], _ purpose: String, _ setting: Setting) -> DataError {
    let many = found.map { quoted($0, " with ") }.joined(separator: " or ")
    let problem =
      found.isEmpty ? "no \(one) is known to hold the \(purpose)" : "\(many) may be the \(purpose)"
    return failure("\(problem); name it with \(setting), \(table.listing(names))\(taskHint)")
  }

  /// What to say if rows look like those of a language model.
  private var taskHint: String {
    let names = Set(self.names.map(ExactText.init))
    let others = [
      ["messages"], ["conversations"], ["prompt", "completion"], ["prompt", "response"],
    ]
    guard let found = others.first(where: { $0.allSatisfy { names.contains(ExactText($0)) } })
    else { return "" }
    let rows = quoted(found, " and ")
    return "; rows of \(rows) are trained without \(setting: "task"), which is for rows with labels"
  }

  private var one: String { table.format.fieldName.one }

  private func quoted(_ names: [String], _ separator: String) -> String {
    names.map { "\"\($0)\"" }.joined(separator: separator)
  }

  /// An error about the columns of a table, or about the keys of the first row.
  private func failure(_ problem: String) -> DataError {
    guard !table.format.isTable, let first = table.rows.first else {
      return DataError(table.file, problem)
    }
    return DataError(table.place(of: first), problem)
  }
}
