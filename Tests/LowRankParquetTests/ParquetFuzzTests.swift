import Foundation
import LowRankParquet
import Testing

@Suite("Damaged Parquet files") struct ParquetFuzzTests {
  @Test(
    "are read or refused, and neither end the process nor take more memory than there is in them")
  func mutations() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      let environment = ProcessInfo.processInfo.environment
      let count = environment["LOWRANK_PARQUET_FUZZ"].flatMap { Int($0) } ?? 5000
      let seed = environment["LOWRANK_PARQUET_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
      let files = try ["tables", "handmade"].flatMap { folder in
        try FileManager.default.contentsOfDirectory(
          at: fixtures(folder), includingPropertiesForKeys: nil
        )
        .filter { $0.pathExtension == "parquet" }
        .sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
      }
      // More than any of the files has, and far less than what they can claim.
      limitMemory(to: 600_000_000)
      var (readable, refused, rowCount) = (0, 0, 0)
      for number in 0..<count {
        var dice = Dice(seed &* 1_000_003 &+ UInt64(number))
        let index = Int.random(in: 0..<files.count, using: &dice)
        let other = Int.random(in: 0..<files.count, using: &dice)
        let bytes = mutated(files[index], with: files[other], &dice)
        do throws(ParquetError) {
          let rows = try ParquetFile(bytes: bytes, name: "a").rows()
          var read = 0
          // Some files have billions of rows, or lists of a million nulls in every row.
          var cells = 0
          while cells < 50_000, let row = try rows.next() {
            read += 1
            cells += row.reduce(0) { $0 + $1.cellCount }
          }
          rowCount += read
          readable += 1
        } catch {
          if error.problem.contains("more memory") { exit(2) }
          refused += 1
        }
      }
      print(
        "\(count) damaged files: \(readable) are read, with \(rowCount) rows, \(refused) are refused"
      )
      guard readable > 0, refused > count / 10 else { exit(3) }
    }
    if ProcessInfo.processInfo.environment["LOWRANK_PARQUET_FUZZ"] != nil, let result {
      print(String(decoding: result.standardOutputContent, as: UTF8.self))
    }
  }
}
