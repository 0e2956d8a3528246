import Foundation
import LowRankCheckpoints

extension FileCheck {
  /// Checks a file for a model that says of texts what they are.
  ///
  /// - Parameters:
  ///   - labels: the labels that training knew; none to collect them from this file.
  ///   - viewed: the rows that are shown token by token.
  /// - Throws: what keeps the file, or one of its labels, from being read.
  public init(
    at url: URL, columns: ColumnChoice, task: TrainingTask, labels known: LabelMap? = nil,
    encoder: LabelledEncoder, names: TokenNames, viewing viewed: ViewedRows = .first(0)
  ) throws {
    let source = try LabelledRows(at: url, columns: columns, task: task)
    let labels = try task == .regression ? nil : known ?? source.collectedLabels()
    var whole = encoder
    whole.maxLength = .max / 2
    var rows: [CheckedRow] = []
    var views: [RowView] = []
    var counts = [Int](repeating: 0, count: labels?.count ?? 0)
    for given in source.rows {
      var row = CheckedRow(number: given.number)
      row.key = given.key
      do {
        let target = try given.target(labels)
        switch target {
        case .classIndex(let index)?: counts[index] += 1
        case .classes(let indices)?: for index in indices { counts[index] += 1 }
        case .number?, nil: break
        }
        row.length = try whole.sequence(given.texts).ids.count
        let ids = try encoder.sequence(given.texts).ids
        row.isEmpty = given.texts.allSatisfy(\.isEmpty) || ids.isEmpty
        row.tokens = ids.count
        row.isTruncated = !row.isEmpty && ids.count < row.length
        if row.isEmpty { row.length = 0 }
        if !row.isEmpty, viewed.includes(given.number, after: views.count) {
          views.append(
            RowView(
              row: given.number, ids, length: row.length, label: given.label?.words ?? "", names))
        }
      } catch let error as DataError {
        row.refusal = error
      }
      rows.append(row)
    }
    self.init(
      file: source.source, unit: source.format.unit,
      format: task.rawValue, isCausal: false, rows: rows)
    self.columns = source.columns
    self.labels = zip(labels?.names ?? [], counts).map { ($0, $1) }
    labelMap = labels
    self.views = views
  }
}

extension LabelledRow {
  /// The same for rows that say the same.
  fileprivate var key: MurmurHash3 {
    let value: JSONValue = [
      .array(texts.map { .string($0) }), .string(label?.words ?? ""),
    ]
    return value.bytes().withUnsafeBytes { MurmurHash3(of: $0) }
  }
}

extension RowLabel {
  /// The label in words.
  fileprivate var words: String {
    switch self {
    case .name(let name): name
    case .names(let names): names.joined(separator: ", ")
    case .number(let number): "\(number)"
    }
  }
}
