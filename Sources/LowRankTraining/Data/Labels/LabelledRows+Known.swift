import LowRankCheckpoints
import LowRankKeys

extension LabelledRows {
  /// Refuses labels that training did not know, with how many rows have some.
  ///
  /// - Throws: `DataError` at the first such row if there are several.
  func requireKnown(_ labels: LabelMap) throws(DataError) {
    var (unknown, seen): ([String], Set<ExactText>) = ([], [])
    var (count, first): (Int, LabelledRow?) = (0, nil)
    for row in rows {
      let names: [String] =
        switch row.label {
        case .name(let name)?: [name]
        case .names(let names)?: names
        case .flags?, .number?, nil: []
        }
      let strange = names.filter { labels.index(of: $0) == nil }
      guard !strange.isEmpty else { continue }
      count += 1
      first = first ?? row
      for name in strange where seen.insert(ExactText(name)).inserted { unknown.append(name) }
    }
    // One row alone is refused where it is read, perhaps with the label that was meant.
    guard count > 1, let first, unknown != ["-1"] else { return }
    let known = "the \(labels.count) that it knows are \(labels.listing)"
    // If most rows fit, the column is right.
    let advice =
      2 * count > rows.count
      ? "name another column with \(setting: "label_column"), or write these labels into the file"
      : "correct these labels or remove the rows"
    throw DataError(
      first.place,
      """
      \(count) of \(rows.count) rows have labels that training does not know, \(LabelMap.listing(unknown)); \(known): \
      \(advice)
      """)
  }
}

extension LabelMap {
  /// The first labels between quotes.
  var listing: String { Self.listing(names) }

  /// The first of some names between quotes.
  static func listing(_ names: [String]) -> String {
    names.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }
}
