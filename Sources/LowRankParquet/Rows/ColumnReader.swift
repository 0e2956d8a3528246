/// The entries of a column, one after the other: each is a value, or a place without one.
final class ColumnReader {
  let column: ParquetColumn
  /// The definition level of the current entry.
  private(set) var definition = 0
  /// The repetition level of the current entry; 0 at the end.
  private(set) var repetition = 0
  /// Whether there is a current entry.
  private(set) var hasEntry = false

  private var pages: PageReader?
  private var page: Page?
  private var repetitions: LevelDecoder?
  private var definitions: LevelDecoder?
  private var values: (any ValueDecoder)?
  /// The entries of the page after the current one.
  private var left = 0
  /// The entries of the row group after the current page.
  private var unread = 0

  init(_ column: ParquetColumn) { self.column = column }

  /// Begins a row group, at its first entry.
  func begin(
    _ source: any ByteSource, _ chunk: ColumnChunk, rowCount: Int, limit: Int
  ) throws(ParquetFault) {
    pages = try PageReader(source, chunk, column, limit: limit)
    guard chunk.valueCount >= rowCount, column.repetition > 0 || chunk.valueCount == rowCount
    else {
      throw ParquetFault("it has \(chunk.valueCount) values for \(rowCount) rows")
    }
    (left, unread) = (0, chunk.valueCount)
    try advance()
  }

  /// The value of the current entry; null if it has none.
  func value() throws(ParquetFault) -> ParquetValue {
    guard definition == column.definition else { return .null }
    guard let value = try values?.next() else { throw .overrun }
    return value
  }

  /// Moves to the next entry.
  func advance() throws(ParquetFault) {
    while left == 0 {
      guard unread > 0 else {
        (hasEntry, repetition, definition) = (false, 0, 0)
        return
      }
      guard let pages, let next = try pages.next(atMost: unread) else {
        throw ParquetFault("its pages have fewer values than its row group says")
      }
      values = try pages.decoder(next)
      (repetitions, definitions) = (next.repetitions, next.definitions)
      (left, unread) = (next.count, unread - next.count)
    }
    left -= 1
    hasEntry = true
    if column.repetition > 0 { repetition = try repetitions?.next() ?? 0 }
    if column.definition > 0 { definition = try definitions?.next() ?? 0 }
  }
}
