import CZlib
import CZstd
import Foundation
import LowRankCheckpoints
import LowRankDecompression
import LowRankTraining
import Testing

/// Text compressed by zlib or libzstd, as `gzip` and `zstd` do.
private func compressed(_ text: String, _ compression: Compression) throws -> [UInt8] {
  switch compression {
  case .gzip:
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try #require(gzopen(path, "wb"))
    _ = text.withCString { gzwrite(file, $0, UInt32(text.utf8.count)) }
    gzclose(file)
    return [UInt8](try Data(contentsOf: URL(filePath: path)))
  case .zstd:
    let input = Array(text.utf8)
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(input.count))
    let size = ZSTD_compress(&output, output.count, input, input.count, 3)
    #expect(ZSTD_isError(size) == 0)
    return Array(output.prefix(size))
  }
}

@Suite("Compressed data") struct CompressedDataTests {
  let folder: TemporaryFolder
  /// Longer than the pieces in which files are read, and than the first size of the buffer.
  private static let numbers = (0..<100_000).map { "{\"text\": \"\($0 &* 2_654_435_761)\"}\n" }
    .joined()

  init() throws { folder = try TemporaryFolder() }

  private func texts(_ name: String, _ bytes: [UInt8]) throws -> [String] {
    try DataTable(at: folder.file(name, bytes)).rows.map { $0.fields["text"]?.string ?? "-" }
  }

  private func failure(_ name: String, _ bytes: [UInt8]) throws -> String {
    let url = try folder.file(name, bytes)
    return message { try DataTable(at: url) }
  }

  @Test(
    "has the rows of its content, in every format",
    arguments: [
      ("jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n"),
      ("json", "[{\"text\": \"a\"}, {\"text\": \"b\"}]"), ("csv", "n,text\n1,a\n2,b\n"),
      ("tsv", "n\ttext\n1\ta\n2\tb\n"), ("txt", "a\nb\n"),
    ], Compression.allCases)
  func formats(_ file: (ending: String, text: String), _ compression: Compression) throws {
    let bytes = try compressed(file.text, compression)
    #expect(try texts("train.\(file.ending).\(compression.rawValue)", bytes) == ["a", "b"])
  }

  @Test("is read piece by piece to the end", arguments: Compression.allCases)
  func long(compression: Compression) throws {
    let found = try texts("a.jsonl.\(compression.rawValue)", compressed(Self.numbers, compression))
    #expect(found.count == 100_000)
    #expect(found.last == "\(99_999 &* 2_654_435_761)")
  }

  @Test("may consist of several members or frames", arguments: Compression.allCases)
  func members(compression: Compression) throws {
    let parts = try [
      "{\"text\": \"a\"}\n{\"te", "xt\": \"b\"}\n", "", "{\"text\": \"c\"}",
    ].flatMap { try compressed($0, compression) }
    #expect(try texts("a.jsonl.\(compression.rawValue)", parts) == ["a", "b", "c"])
  }

  @Test("of gzip may be followed by zeros")
  func padding() throws {
    let bytes = try compressed("{\"text\": \"a\"}", .gzip) + [UInt8](repeating: 0, count: 512)
    #expect(try texts("a.jsonl.gz", bytes) == ["a"])
  }

  @Test("that is cut off is refused", arguments: Compression.allCases)
  func truncated(compression: Compression) throws {
    let bytes = try compressed(Self.numbers, compression)
    for count in [bytes.count - 1, bytes.count / 2, 6] {
      #expect(
        try failure("a.jsonl.\(compression.rawValue)", Array(bytes.prefix(count)))
          == """
          a.jsonl.\(compression.rawValue): the \(compression) data is cut off; copy or download the file again
          """)
    }
    let two = bytes + bytes.dropLast(3)
    #expect(try failure("a.jsonl.\(compression.rawValue)", two).contains("is cut off"))
  }

  @Test("that is damaged is refused", arguments: Compression.allCases)
  func damaged(compression: Compression) throws {
    let bytes = try compressed(Self.numbers, compression)
    var inside = bytes
    inside[bytes.count / 2] ^= 0x55
    for other in [inside, bytes + Array("rest".utf8), Array("{\"text\": \"plain\"}".utf8)] {
      let text = try failure("a.jsonl.\(compression.rawValue)", other)
      #expect(
        text.hasPrefix("a.jsonl.\(compression.rawValue): the \(compression) data is damaged ("))
      #expect(text.hasSuffix("); copy or download the file again"))
    }
  }

  @Test("is refused if its content is larger than the limit", arguments: Compression.allCases)
  func limit(compression: Compression) throws {
    let url = try folder.file(
      "a.txt.\(compression.rawValue)",
      compressed(String(repeating: "a", count: 5_000_000), compression))
    #expect(
      message { try textBytes(of: url, limit: 4_999_999) }
        == """
        a.txt.\(compression.rawValue): the decompressed content is larger than 4 MB, which is what the free memory allows
        """)
    #expect(try textBytes(of: url, limit: 5_000_000).count == 5_000_000)
  }

  @Test("without content has no rows", arguments: Compression.allCases)
  func empty(compression: Compression) throws {
    #expect(try failure("a.jsonl.\(compression.rawValue)", []).contains("the file has no rows"))
    #expect(
      try failure("a.jsonl.\(compression.rawValue)", compressed("", compression))
        .contains("the file has no rows"))
  }

  @Test("under another name is refused")
  func names() throws {
    for name in ["a.gz", "a.parquet.gz", "a.jsonl.bz2", "jsonl.zst"] {
      #expect(
        try failure(name, [1]) == """
          \(name): a data file ends in .jsonl, .json, .csv, .tsv, .txt or .parquet; a text may be compressed, and end \
          in .gz or .zst too
          """)
    }
  }
}
