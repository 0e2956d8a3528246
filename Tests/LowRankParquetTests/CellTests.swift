import Foundation
import LowRankParquet
import Testing

@Suite struct `The cells of a column` {
  /// The columns that have a value of their own for each row, by their places in a row.
  private func columns(_ file: ParquetFile) -> [(column: ParquetColumn, field: Int)] {
    file.columns.compactMap { column in
      guard column.path.count == 1, !column.isRepeated,
        let field = file.names.firstIndex(of: column.path[0])
      else { return nil }
      return (column, field)
    }
  }

  @Test func `are the values of the rows, in whatever order they are asked for`() throws {
    var count = 0
    let names = try FileManager.default.contentsOfDirectory(atPath: fixtures("tables").path)
    for name in names.sorted() where name.hasSuffix(".parquet") {
      let file = try ParquetFile(at: fixtures("tables").appending(path: name))
      let reader = file.rows()
      var rows: [[ParquetValue]] = []
      while let row = try reader.next() { rows.append(row) }
      for (column, field) in columns(file) {
        let cells = try ParquetCells([(file, column)])
        var dice = Dice(UInt64(field))
        for index in rows.indices.shuffled(using: &dice).prefix(200) {
          let value = try cells.value(ofRow: index)
          // Not a number is no number, not even itself.
          #expect("\(value)" == "\(rows[index][field])", "\(name), \(column.path), \(index)")
          count += 1
        }
      }
    }
    #expect(count > 100)
  }

  @Test func `are those of each of several files`() throws {
    let files = try ["1.parquet", "2.parquet"].map {
      try ParquetFile(at: fixtures("tables").appending(path: $0))
    }
    let chosen = try files.map { file in (file: file, column: try #require(columns(file).first)) }
    let cells = try ParquetCells(chosen.map { ($0.file, $0.column.column) })
    for (part, (file, column)) in chosen.enumerated() where file.rowCount > 0 {
      let first = try #require(try file.rows().next())
      #expect(try "\(cells.value(ofRow: 0, in: part))" == "\(first[column.field])")
      #expect(throws: ParquetError.self) { try cells.value(ofRow: file.rowCount, in: part) }
    }
  }

  @Test func `of damaged files are read or refused`() throws {
    let names = ["3.parquet", "7.parquet", "12.parquet"]
    let files = try names.map {
      [UInt8](try Data(contentsOf: fixtures("tables").appending(path: $0)))
    }
    var (read, refused) = (0, 0)
    for number in 0..<600 {
      var dice = Dice(UInt64(number) &* 7919)
      let bytes = mutated(files[number % 3], with: files[(number + 1) % 3], &dice)
      do throws(ParquetError) {
        let file = try ParquetFile(bytes: bytes, name: "a")
        for (column, _) in columns(file) {
          let cells = try ParquetCells([(file, column)])
          for row in 0..<min(file.rowCount, 20) { _ = try cells.value(ofRow: row) }
        }
        read += 1
      } catch { refused += 1 }
    }
    #expect(read > 0 && refused > 60, "\(read) read, \(refused) refused")
  }
}
