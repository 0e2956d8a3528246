import Foundation
import LowRankParquet
import Testing

private func file(_ name: String) throws -> ParquetFile {
  try ParquetFile(at: fixtures("handmade").appending(path: "\(name).parquet"))
}

/// What is wrong with a file, or "" if all of its rows can be read.
private func problem(_ name: String) throws -> String {
  do throws(ParquetError) {
    let url: URL
    do { url = try fixtures("handmade").appending(path: "\(name).parquet") } catch {
      return "\(error)"
    }
    let rows = try ParquetFile(at: url).rows()
    while try rows.next() != nil {}
    return ""
  } catch {
    return error.problem
  }
}

@Suite("Parquet files") struct HandmadeFileTests {
  @Test(
    "of older forms have the rows that pyarrow reads",
    arguments: [
      "two-levels", "array-of-structures", "tuple", "repeated", "bit-packed", "map-key-value",
      "patterns",
    ])
  func olderForms(name: String) throws {
    let expected = try String(
      contentsOf: fixtures("handmade").appending(path: "\(name).rows"), encoding: .utf8)
    #expect(try lines(of: file(name)).joined(separator: "\n") + "\n" == expected)
  }

  @Test(
    "that are compressed or encrypted in another way are refused by its name",
    arguments: [
      ("brotli", "column \"a\": it is compressed with Brotli, which is not supported"),
      ("lz4", "column \"a\": it is compressed with LZ4, which is not supported"),
      ("encrypted", "the file is encrypted, which is not supported"),
      ("encrypted-column", "column \"text\": it is encrypted, which is not supported"),
    ])
  func refused(name: String, expected: String) throws {
    let problem = try problem(name)
    #expect(problem.hasPrefix(expected), "\(problem)")
  }

  @Test("are read without the columns that are not wanted, whatever these contain")
  func unwanted() throws {
    let rows = try file("encrypted-column").rows { $0.path != ["text"] }
    #expect(rows.names == ["a"])
    var values: [[ParquetValue]] = []
    while let row = try rows.next() { values.append(row) }
    #expect(values == [[.integer(1)], [.integer(2)], [.integer(3)]])
  }

  @Test("that are cut off, or are something else, are refused in words")
  func otherFiles() throws {
    func problem(_ bytes: [UInt8]) -> String {
      do throws(ParquetError) {
        _ = try ParquetFile(bytes: bytes, name: "a")
        return ""
      } catch {
        return error.problem
      }
    }
    let whole = [UInt8](
      try Data(contentsOf: fixtures("handmade").appending(path: "patterns.parquet")))
    #expect(problem(whole).isEmpty)
    #expect(problem(Array(whole.dropLast())).hasPrefix("the end of the file is missing"))
    #expect(problem([]) == "the file is no Parquet file")
    #expect(
      problem(Array("a line of text that is long enough".utf8)) == "the file is no Parquet file")
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    #expect(problem(Array(pointer.utf8)).hasPrefix("the file is a Git LFS pointer"))
    #expect(
      problem(whole.dropLast(8) + [255, 255, 255, 127] + Array("PAR1".utf8))
        .hasPrefix("the file says that its description has 2147483647 bytes"))
    #expect(throws: ParquetError.self) { try ParquetFile(at: URL(filePath: "absent.parquet")) }
  }

  @Test("whose pages do not have their checksums are refused")
  func checksum() throws {
    // The options of this table include checksums.
    let folder = try fixtures("tables")
    var isFound = false
    for number in 0..<60 where !isFound {
      let url = folder.appending(path: "\(number).parquet")
      var bytes = [UInt8](try Data(contentsOf: url))
      guard bytes.count > 3000 else { continue }
      for place in stride(from: 60, to: 1200, by: 7) where !isFound {
        bytes[place] ^= 1
        do throws(ParquetError) {
          let rows = try ParquetFile(bytes: bytes, name: "a").rows()
          while try rows.next() != nil {}
        } catch {
          isFound = error.problem.contains("a page has not its checksum")
        }
        bytes[place] ^= 1
      }
    }
    #expect(isFound)
  }
}

@Suite("Parquet files that are made to do harm") struct HarmfulFileTests {
  @Test(
    "are refused, whatever sizes they claim",
    arguments: [
      ("endless-list", "a row has far more values than the file"),
      ("huge-page", "a page has not the 2147483647 bytes that it says it has"),
      ("huge-snappy", "a page's Snappy data is damaged"),
      ("snappy-before", "a page's Snappy data is damaged"),
      ("zeros", "a page has not the 100 bytes that it says it has"),
      ("endless-lengths", "the data ends too early"),
      ("endless-prefixes", "the data ends too early"),
      ("growing-texts", "the values of a page are far larger than the page"),
    ])
  func refused(name: String, expected: String) throws {
    let problem = try problem(name)
    #expect(problem.hasSuffix(expected), "\(problem)")
  }

  @Test("have rows that are read one at a time")
  func endless() throws {
    let file = try file("endless-nulls")
    #expect(file.rowCount == 2_147_483_647)
    let rows = file.rows()
    for _ in 0..<10_000 { #expect(try rows.next() == [.null]) }
  }

  @Test("take no memory beyond what they contain")
  func memory() async {
    await #expect(processExitsWith: .success) {
      limitMemory(to: 400_000_000)
      for name in [
        "endless-list", "huge-page", "huge-snappy", "zeros", "endless-lengths", "endless-prefixes",
        "growing-texts",
      ] {
        let problem = try problem(name)
        guard !problem.isEmpty, !problem.contains("memory") else { exit(1) }
      }
      let rows = try file("endless-nulls").rows()
      for _ in 0..<1000 { _ = try rows.next() }
    }
  }
}

/// Lets the process have only so many bytes of memory beyond those it has, so that a larger allocation ends it.
func limitMemory(to bytes: Int) {
  let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
    .split(separator: " ").first.flatMap { Int($0) }
  let limit = rlim_t((pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) + bytes)
  var limits = rlimit(rlim_cur: limit, rlim_max: limit)
  setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits)
}
