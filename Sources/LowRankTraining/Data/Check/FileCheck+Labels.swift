import Foundation
import LowRankCheckpoints
import LowRankProgress

extension FileCheck {
  /// Checks the rows of a file for a classification or regression model.
  ///
  /// - Parameters:
  ///   - source: the rows, including those that would stop a run.
  ///   - labels: the labels known from training; nil for regression.
  ///   - encoder: makes tokens of texts, as training does.
  ///   - names: the texts of tokens.
  ///   - viewed: the rows that are shown token by token.
  /// - Throws: what prevents reading the file.
  public init(
    _ source: LabelledRows, labels: LabelMap?, encoder: LabelledEncoder, names: TokenNames,
    viewing viewed: ViewedRows = .first(0)
  ) throws {
    let isLabelled = source.columns.label != nil
    // Encodes without truncation, for the full length of a row.
    var whole = encoder
    whole.maxLength = .max / 2
    var rows: [CheckedRow] = []
    var views: [RowView] = []
    var lost = LostCharacters()
    let work = Work("checking \(source.source)", of: source.rows.count)
    defer { work.end() }
    for given in source.rows {
      work.advance()
      var row = CheckedRow(number: given.number)
      row.key = given.key
      do {
        let read = try encoder.read(given, labels, isLabelled: isLabelled)
        row.isEmpty = read.sequence == nil
        if let sequence = read.sequence {
          row.labels =
            LabelledExample(
              ids: sequence.ids, typeIDs: sequence.typeIDs, target: read.target
            ).labels
          if let image = sequence.image {
            row.length = sequence.ids.count
            // The same image under two names is the same row.
            row.key = LabelledRow.key(of: image, given.label)
          } else {
            row.length = try whole.sequence(given.texts).ids.count
          }
          row.tokens = sequence.ids.count
          row.unknown = names.unknownCount(of: sequence.ids)
          if sequence.lost != nil { lost.add(sequence.lost, of: given.texts.joined()) }
          row.isTruncated = sequence.isTruncated
          if viewed.includes(given.number, after: views.count) {
            let label = given.label?.words(labels) ?? ""
            views.append(
              RowView(row: given.number, sequence.ids, length: row.length, label: label, names))
          }
        }
      } catch let error as DataError {
        row.refusal = error
      }
      rows.append(row)
    }
    self.init(
      file: source.source, unit: source.unit,
      format: source.task.rawValue, isCausal: false, rows: rows)
    self.columns = source.columns
    labelNames = isLabelled ? labels?.names ?? [] : []
    self.views = views
    self.lost = lost
    unknownName = names.unknown.map(names.name)
    remarks = source.remarks
    warnings =
      ReadingWarnings.truncation(truncated, of: rowCount, at: encoder.maxLength).map { [$0] } ?? []
    if !isLabelled {
      remarks.append("there are no labels: the rows are for predict, and cannot be evaluated on")
    }
    if let count = source.flagCount {
      remarks.append("each row says by a 0 or 1 which of \(count) labels it has")
    }
  }
}

extension LabelledRow {
  /// A hash of texts and label, by which rows that occur twice are found.
  fileprivate var key: MurmurHash3 { Self.key(of: texts, label) }

  /// A hash of an image's bytes and its label.
  fileprivate static func key(of image: ImageFile, _ label: RowLabel?) -> MurmurHash3 {
    key(of: [image.hash.hexadecimal], label)
  }

  private static func key(of texts: [String], _ label: RowLabel?) -> MurmurHash3 {
    let value: JSONValue = [
      .array(texts.map { .string($0) }), .string(label?.words(nil) ?? ""),
    ]
    return value.bytes().withUnsafeBytes { MurmurHash3(of: $0) }
  }
}

extension RowLabel {
  /// The label in words, with class names instead of indices.
  fileprivate func words(_ labels: LabelMap?) -> String {
    switch self {
    case .flags(let indices, _):
      indices.map { labels?[$0] ?? String($0) }.joined(separator: ", ")
    case .name(let name): name
    case .names(let names): names.joined(separator: ", ")
    case .number(let number): "\(number)"
    }
  }
}
