import Foundation
import LowRankParquet
import Testing

private let oracleFolder = ProcessInfo.processInfo.environment["LOWRANK_PARQUET_ORACLE"]

@Suite struct ParquetConformance {
  @Test("Random tables have the rows that pyarrow reads", .enabled(if: oracleFolder != nil))
  func randomTables() throws {
    let folder = URL(filePath: try #require(oracleFolder))
    let count = try tables(in: folder)
    #expect(count > 0)
  }

  @Test("The tables of the fixtures have the rows that pyarrow reads")
  func fixtureTables() throws {
    #expect(try tables(in: fixtures("tables")) == 60)
  }

  /// Compares the files of a folder, and returns how many there are.
  private func tables(in folder: URL) throws -> Int {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let numbers = names.filter { $0.hasSuffix(".parquet") }.compactMap { Int($0.dropLast(8)) }
    for number in numbers.sorted() {
      let (file, expected) = try oracle(number, in: folder)
      #expect(file.rowCount == expected.count, "table \(number)")
      do {
        let found = try lines(of: file)
        guard found != expected else { continue }
        let row = zip(found, expected).enumerated().first { $1.0 != $1.1 }
        Issue.record(
          "table \(number), row \(row?.offset ?? -1): \(row?.element.0 ?? "-"), expected \(row?.element.1 ?? "-")"
        )
      } catch {
        Issue.record("table \(number): \(error)")
      }
    }
    return numbers.count
  }
}
