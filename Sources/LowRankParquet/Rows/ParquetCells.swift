import Synchronization

/// The values of a column that one or more files have, by their rows and in any order.
///
/// Opening reads the headers of the column's pages alone. A value is decoded together with its page; the pages that were
/// read last are kept while they take at most 64 MB.
public final class ParquetCells: Sendable {
  /// A column of a file, with the pages that it has there.
  private struct Part: Sendable {
    let file: ParquetFile
    let column: ParquetColumn
    let pages: [PagePlace]
  }

  private let parts: [Part]
  private let kept = Mutex(KeptPages(most: 64 << 20))

  /// Opens a column of each file.
  ///
  /// - Parameter columns: the columns, none of which may be repeated.
  /// - Throws: `ParquetError` for a file that is damaged, or that is compressed or encrypted in a way that is not supported.
  public init(_ columns: [(file: ParquetFile, column: ParquetColumn)]) throws(ParquetError) {
    var parts: [Part] = []
    for (file, column) in columns {
      precondition(!column.isRepeated, "\(column.name) has no value of its own for each row")
      do throws(ParquetFault) {
        parts.append(
          Part(file: file, column: column, pages: try PagePlace.all(of: column, in: file)))
      } catch {
        throw error.inColumn(column.name).error(in: file.name)
      }
    }
    self.parts = parts
  }

  /// The value of a row, null if it has none.
  ///
  /// - Parameters:
  ///   - row: the row in its file, counted from 0.
  ///   - part: which of the files, counted from 0.
  /// - Throws: `ParquetError` with row and column for a file that is damaged, or has no such row.
  public func value(ofRow row: Int, in part: Int = 0) throws(ParquetError) -> ParquetValue {
    let own = parts[part]
    do throws(ParquetFault) {
      guard let index = PagePlace.index(of: row, in: own.pages) else {
        throw ParquetFault("the file has no such row")
      }
      let key = KeptPages.Key(part: part, page: index)
      let page = own.pages[index]
      if let values = kept.withLock({ $0[key] }) { return values[row - page.rows.lowerBound] }
      let values = try page.values(of: own.column, in: own.file)
      kept.withLock { $0.keep(values, as: key) }
      return values[row - page.rows.lowerBound]
    } catch {
      throw ParquetFault("row \(row + 1), column \"\(own.column.name)\": \(error.problem)")
        .error(in: own.file.name)
    }
  }
}
