import LowRankCheckpoints
import LowRankProgress

extension FileCheck {
  /// Checks the files of a split of preferences.
  ///
  /// Rows that would stop a run are counted, with the reasons of the first.
  /// - Parameters:
  ///   - isPaired: whether rows have two answers.
  ///   - label: the column that says whether the only answer is good; nil for `label`.
  ///   - ends: the tokens that end a text or a turn.
  ///   - viewed: the rows whose sides are shown token by token.
  /// - Throws: what keeps the file from being read at all.
  public init(
    preferencesOf split: DataSplit, encoder: ExampleEncoder, isPaired: Bool,
    columns: TextColumns = TextColumns(), label: String? = nil, ends: Set<Int32>,
    names: TokenNames, viewing viewed: ViewedRows = .first(0)
  ) throws {
    let reader = try PreferenceReader(
      of: split, encoder: encoder, isPaired: isPaired, columns: columns, label: label)
    var counts = PreferenceCounts()
    var rows: [CheckedRow] = []
    var views: [RowView] = []
    var (seen, holdsConversations) = (0, false)
    let work = Work("checking \(reader.table.file)", of: reader.table.rows.count)
    defer { work.end() }
    for (index, source) in reader.table.rows.enumerated() {
      work.advance()
      let number = reader.table.number(of: source, at: index)
      var row = CheckedRow(number: number)
      do {
        let (preference, encoded) = try reader.read(source)
        counts.add(encoded)
        if case .turns = preference.content { holdsConversations = true }
        row.fill(preference, encoded, names, ends: ends)
        if viewed.includes(number, after: seen) {
          seen += 1
          let labels =
            isPaired ? ["chosen", "rejected"] : [preference.isDesirable ? "good" : "bad"]
          views += zip(encoded.sides, labels).map { side, label in
            var view = RowView(row: number, side, names, ends: ends)
            view.label = label
            return view
          }
        }
      } catch let error as DataError {
        row.refusal = error
      }
      rows.append(row)
    }
    self.init(
      file: reader.table.file, unit: reader.table.unit,
      format: isPaired ? "preference" : "unpaired_preference", isCausal: true, rows: rows)
    self.views = views
    lost = counts.lost
    unknownName = names.unknown.map(names.name)
    self.holdsConversations = holdsConversations
    textColumns = columns
    remarks = reader.remarks
    warnings = reader.warnings(counts)
  }
}

extension CheckedRow {
  /// Notes the sides of a row; of a row that is left out, nothing counts as trained.
  fileprivate mutating func fill(
    _ row: PreferenceRow, _ encoded: EncodedPreference, _ names: TokenNames, ends: Set<Int32>
  ) {
    key = row.key
    length = encoded.sides.map(\.length).max() ?? 0
    tokens = encoded.sides.reduce(0) { $0 + $1.example.ids.count }
    unknown = encoded.sides.reduce(0) { $0 + names.unknownCount(of: $1.example.ids) }
    trained =
      encoded.example.map { $0.sides.reduce(0) { $0 + $1.trainedCount } } ?? 0
    isTruncated = encoded.isTruncated
    isUnended = encoded.sides.contains { !$0.isTruncated && !$0.example.isEnded(by: ends) }
  }
}
