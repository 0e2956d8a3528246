import Foundation

extension ClassificationReport {
  /// How many classes a confusion matrix may have to be read as a table.
  private static let tabulated = 12

  /// The report as plain text: a line for each label and average; then the confusion matrix, or of
  /// many classes the ten pairs that were taken for each other most often.
  public var text: String {
    tables.map { ($0.title.map { $0 + "\n" } ?? "") + aligned($0.rows) }.joined(separator: "\n")
  }

  /// The tables of the report, the names of the columns first: names are in the first column, numbers in the others.
  public var tables: [(title: String?, rows: [[String]])] {
    let numbers = scores.map { [$0.precision, $0.recall, $0.f1] }
    var table = [["label", "precision", "recall", "f1", "rows"]]
    for (name, (shares, one)) in zip(labels.names, zip(numbers, scores)) {
      table.append([name] + shares.map(share) + [String(one.support)])
    }
    for (name, one) in averages {
      table.append(["(\(name))"] + [one.precision, one.recall, one.f1].map(share) + [String(rows)])
    }
    return [(title: nil, rows: table)] + (confusionTable.map { [$0] } ?? [])
  }

  private var confusionTable: (title: String?, rows: [[String]])? {
    guard let confusion else { return nil }
    guard confusion.classes > Self.tabulated else {
      let names = labels.names
      let rows = zip(names, confusion.counts).map { [$0] + $1.map(String.init) }
      return ("Columns are what rows of a class were taken for.", [["class"] + names] + rows)
    }
    let pairs = confusions(atMost: 10)
    guard !pairs.isEmpty else { return nil }
    let rows = pairs.map { [labels[$0.truth], labels[$0.predicted], String($0.rows)] }
    return ("The most frequent confusions:", [["class", "taken for", "rows"]] + rows)
  }

  private func share(_ value: Double) -> String { String(format: "%.4f", value) }
}

/// Columns side by side, the first from the left and the others from the right.
private func aligned(_ rows: [[String]]) -> String {
  let widths = (rows.first ?? []).indices.map { column in
    rows.reduce(0) { max($0, $1[column].count) }
  }
  return rows.map { row in
    row.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return column == 0 ? row[column] + space : space + row[column]
    }.joined(separator: "  ") + "\n"
  }.joined()
}
