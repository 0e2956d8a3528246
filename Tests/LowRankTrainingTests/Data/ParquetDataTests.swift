import Foundation
import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite("Parquet data") struct ParquetDataTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func place(_ name: String) throws -> URL {
    let resources = try #require(Bundle.module.resourceURL)
    return resources.appending(path: "Fixtures/parquet").appending(path: name)
  }

  @Test(
    "has the rows of the same data as JSON lines",
    arguments: ["chat", "sentiment", "emotions", "images", "types"])
  func rows(name: String) throws {
    let table = try DataTable(at: place("\(name).parquet"))
    let expected = try DataTable(at: place("\(name).jsonl"))
    #expect(table.rows.map(\.fields) == expected.rows.map(\.fields))
    #expect(table.rows.map(\.number) == Array(1...expected.rows.count))
    #expect(table.place(of: table.rows[1]).hasSuffix("\(name).parquet, row 2"))
  }

  @Test("has conversations as JSON lines have them")
  func conversations() throws {
    func texts(_ name: String) throws -> [Example] {
      let encoder = ExampleEncoder(
        ByteEncoder(), endOfSequence: 0, maxLength: 500,
        chat: ChatEncoding(FakeRenderer(), ends: .bars))
      return try ExampleSet(at: place(name), encoder: encoder).examples
    }
    let examples = try texts("chat.parquet")
    #expect(examples.count == 2)
    #expect(examples == (try texts("chat.jsonl")))
  }

  @Test("names the classes that a data set numbers, in its order and with those that no row has")
  func classNames() throws {
    let rows = try LabelledRows(at: place("sentiment.parquet"), task: .classification)
    #expect(rows.labelNames == ["neg", "pos"])
    #expect(try rows.collectedLabels()?.names == ["neg", "neutral", "pos"])
    // The same rows without the names of their classes.
    let numbered = try LabelledRows(at: place("sentiment.jsonl"), task: .classification)
    #expect(numbered.labelNames == ["0", "2"])
  }

  @Test("names the classes in lists of several labels")
  func classNamesInLists() throws {
    let rows = try LabelledRows(at: place("emotions.parquet"), task: .multilabel)
    #expect(try rows.collectedLabels()?.names == ["anger", "joy", "love"])
    guard case .names(let names)? = rows.rows[0].label else {
      Issue.record("the first row has no names")
      return
    }
    #expect(names == ["anger", "love"])
  }

  @Test("keeps the numbers of classes where a number is to be predicted")
  func classNumbers() throws {
    let rows = try LabelledRows(at: place("sentiment.parquet"), task: .regression)
    #expect(
      rows.rows.map { if case .number(let number)? = $0.label { number } else { -1 } }
        == [0, 2, 0, 2])
  }

  @Test("says of a missing column that columns of bytes are not read")
  func bytes() throws {
    let url = try place("images.parquet")
    let columns = ColumnChoice(texts: ["audio"])
    let text = message {
      try LabelledRows(at: url, columns: columns, task: .regression, requiresLabels: false)
    }
    #expect(
      text.hasSuffix(
        """
        there is no column "audio"; the columns are "image", "text"; "image.bytes", "audio" holds bytes, which are \
        not read
        """), "\(text)")
  }

  @Test("that is damaged or larger than the memory is refused in one sentence")
  func refused() throws {
    let chat = [UInt8](try Data(contentsOf: place("chat.parquet")))
    let short = try folder.file("train.parquet", Array(chat.dropLast(20)))
    #expect(
      message { try DataTable(at: short) }
        == """
        train.parquet: the end of the file is missing, where Parquet files say what they contain; download or copy it \
        again
        """)
    let whole = try place("chat.parquet")
    #expect(
      message { try parquetContent(at: whole, limit: 1000) }
        .contains("its 2 rows take more than half of the free memory"))
    #expect(throws: Never.self) { try parquetContent(at: whole, limit: 100_000) }
  }

  @Test("is found in a folder beside compressed texts")
  func folderFiles() throws {
    let chat = [UInt8](try Data(contentsOf: place("chat.parquet")))
    _ = try folder.file("train.parquet", chat)
    _ = try folder.file("valid.jsonl.gz", "")
    _ = try folder.file("test.csv.zst", "")
    let files = try DataFiles(at: folder.url)
    #expect(files.train.files[0].lastPathComponent == "train.parquet")
    #expect(files.valid?.files[0].lastPathComponent == "valid.jsonl.gz")
    #expect(files.test?.files[0].lastPathComponent == "test.csv.zst")
    #expect(files.unused == [])
  }
}
