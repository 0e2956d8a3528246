/// Where a page of a column is, and which rows it has.
struct PagePlace: Sendable {
  private let group: Int
  private let offset: Int
  /// The rows, counted from 0 in the file.
  let rows: Range<Int>

  /// The pages of a column whose rows have one value each, in order, found by their headers.
  static func all(
    of column: ParquetColumn, in file: ParquetFile
  ) throws(ParquetFault) -> [PagePlace] {
    var (pages, start): ([PagePlace], Int) = ([], 0)
    for (group, rows) in file.metadata.rowGroups.enumerated() where rows.rowCount > 0 {
      let reader = try PageReader(
        file.source, rows.columns[column.index], column, limit: file.end)
      let end = start + rows.rowCount
      while start < end {
        guard let next = try reader.skip() else {
          throw ParquetFault("its pages have fewer values than its row group says")
        }
        guard next.count <= end - start else {
          throw ParquetFault("its pages have more values than its row group says")
        }
        pages.append(
          PagePlace(group: group, offset: next.offset, rows: start..<start + next.count))
        start += next.count
      }
    }
    return pages
  }

  /// The page of a row among pages in order; nil if none has it.
  static func index(of row: Int, in pages: [PagePlace]) -> Int? {
    var (low, high) = (0, pages.count)
    while low < high {
      let middle = (low + high) / 2
      if pages[middle].rows.upperBound <= row { low = middle + 1 } else { high = middle }
    }
    return low < pages.count && pages[low].rows.contains(row) ? low : nil
  }

  /// The values of the page, null where there is none.
  func values(
    of column: ParquetColumn, in file: ParquetFile
  ) throws(ParquetFault) -> [ParquetValue] {
    let reader = try PageReader(
      file.source, file.metadata.rowGroups[group].columns[column.index], column, limit: file.end)
    try reader.move(to: offset)
    guard let page = try reader.next(atMost: rows.count), page.count == rows.count else {
      throw ParquetFault("its pages are not those that the file had when it was opened")
    }
    // Equal values take next to no space, however many they are.
    guard rows.count <= 1 << 20 + 8 * file.source.count else {
      throw ParquetFault("a page has far more values than the file")
    }
    var (definitions, decoder) = (page.definitions, try reader.decoder(page))
    var values: [ParquetValue] = []
    for _ in rows {
      let level = try definitions.next()
      values.append(level == column.definition ? try decoder.next() : .null)
    }
    return values
  }
}
