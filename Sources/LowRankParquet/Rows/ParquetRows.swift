/// The rows of a Parquet file, read one after the other.
///
/// One page of each column is in memory at a time.
public final class ParquetRows {
  /// The names of the fields that each row has a value of.
  public let names: [String]
  private let file: ParquetFile
  private let fields: [(name: String, assembler: ValueAssembler)]
  private var group = -1
  private var left = 0
  private var number = 0

  init(_ file: ParquetFile, reading isWanted: (ParquetColumn) -> Bool) {
    self.file = file
    fields = file.fields.compactMap { field in
      ValueAssembler(field, reading: isWanted).map { (field.name, $0) }
    }
    names = fields.map(\.name)
  }

  /// The values of the next row, in the order of ``names``; nil after the last row.
  ///
  /// - Throws: `ParquetError` with the column for a file that is damaged, or that is compressed or encrypted in a way
  ///   that is not supported.
  public func next() throws(ParquetError) -> [ParquetValue]? {
    do throws(ParquetFault) {
      while left == 0 {
        guard try beginGroup() else { return nil }
      }
      left -= 1
      number += 1
      // A list of equal values takes next to no space, however long it is.
      var allowance = 1 << 20 + 8 * file.source.count
      var values: [ParquetValue] = []
      values.reserveCapacity(fields.count)
      for (name, assembler) in fields {
        do throws(ParquetFault) {
          values.append(try assembler.next(&allowance))
        } catch {
          throw ParquetFault("row \(number), column \"\(name)\": \(error.problem)")
        }
      }
      try checkEnd()
      return values
    } catch {
      throw error.error(in: file.name)
    }
  }

  private func beginGroup() throws(ParquetFault) -> Bool {
    group += 1
    guard group < file.metadata.rowGroups.count else { return false }
    let rows = file.metadata.rowGroups[group]
    left = rows.rowCount
    // Columns without rows have no place in the file.
    guard left > 0 else { return true }
    for (_, assembler) in fields {
      for reader in assembler.columns {
        do throws(ParquetFault) {
          try reader.begin(
            file.source, rows.columns[reader.column.index], rowCount: rows.rowCount,
            limit: file.end)
        } catch {
          throw error.inColumn(reader.column.name)
        }
      }
    }
    return true
  }

  /// Checks that the row ends where the next begins.
  private func checkEnd() throws(ParquetFault) {
    for (_, assembler) in fields {
      for reader in assembler.columns
      where reader.repetition > 0 || reader.hasEntry != (left > 0) {
        throw ParquetFault(
          "row \(number), column \"\(reader.column.name)\": its values do not end with the row")
      }
    }
  }
}
