import Foundation
import LowRankCheckpoints
import LowRankProgress

extension FileCheck {
  /// Checks the files of a split for a model that continues texts.
  ///
  /// Rows that would stop a run are counted, with the reasons of the first.
  /// - Parameters:
  ///   - ends: the tokens that end a text or a turn.
  ///   - viewed: the rows that are shown token by token.
  /// - Throws: what keeps the file from being read at all.
  public init(
    of split: DataSplit, encoder: ExampleEncoder, columns: TextColumns = TextColumns(),
    ends: Set<Int32>,
    names: TokenNames, viewing viewed: ViewedRows = .first(0)
  ) throws {
    let reader = try ExampleReader(of: split, encoder: encoder, columns: columns)
    let format = reader.layout.format
    var counts = ExampleCounts()
    var rows: [CheckedRow] = []
    var views: [RowView] = []
    var holdsConversations = [.messages, .shareGPT].contains(format)
    let work = Work("checking \(reader.table.file)", of: reader.table.rows.count)
    defer { work.end() }
    for (index, source) in reader.table.rows.enumerated() {
      work.advance()
      let number = reader.table.number(of: source, at: index)
      var row = CheckedRow(number: number)
      do {
        let read = try reader.read(source)
        counts.add(read)
        row.key = read.text.key
        if case .conversation = read.text { holdsConversations = true }
        row.isEmpty = read.fate == .empty
        row.isMarked = read.fate == .marked
        if let encoded = read.encoded {
          row.length = encoded.length
          row.tokens = encoded.example.ids.count
          row.unknown = names.unknownCount(of: encoded.example.ids)
          row.trained = encoded.example.trainedCount
          row.isTruncated = encoded.isTruncated
          row.isPartial = encoded.unplacedTurns > 0
          row.markedTurns = encoded.markedTurns
          row.isUnended = !encoded.isTruncated && !encoded.example.isEnded(by: ends)
          if viewed.includes(number, after: views.count) {
            views.append(RowView(row: number, encoded, names, ends: ends))
          }
        }
      } catch let error as DataError {
        row.refusal = error
      }
      rows.append(row)
    }
    self.init(
      file: reader.table.file, unit: reader.table.unit, format: format.rawValue,
      isCausal: true, rows: rows)
    self.views = views
    lost = counts.lost
    unknownName = names.unknown.map(names.name)
    self.holdsConversations = holdsConversations
    textColumns = reader.layout.named
    remarks = reader.remarks(counts)
    warnings = reader.warnings(counts)
  }

  /// Checks one file; see ``init(of:encoder:columns:ends:names:viewing:)``.
  public init(
    at url: URL, encoder: ExampleEncoder, columns: TextColumns = TextColumns(), ends: Set<Int32>,
    names: TokenNames, viewing viewed: ViewedRows = .first(0)
  ) throws {
    try self.init(
      of: DataSplit(url), encoder: encoder, columns: columns, ends: ends, names: names,
      viewing: viewed)
  }
}
