import Foundation
import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `Data files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The rows of a file as its line numbers and one column each.
  private func rows(_ name: String, _ text: String, _ column: String = "text") throws -> [String] {
    try DataTable(at: folder.file(name, text)).rows.map {
      "\($0.number) \($0.fields[column]?.string ?? "-")"
    }
  }

  private func failure(_ name: String, _ text: String) throws -> String {
    let url = try folder.file(name, text)
    return message { try DataTable(at: url) }
  }

  @Test(arguments: ["\n", "\r\n"])
  func `hold one object a line, blank lines apart`(end: String) throws {
    let text = ["{\"text\": \"a\\nb\"}", "", " {\"x\": 1} ", "{\"text\": \"c\"}"]
    #expect(try rows("a.jsonl", text.joined(separator: end)) == ["1 a\nb", "3 -", "4 c"])
    #expect(try rows("b.jsonl", text.joined(separator: end) + end).count == 3)
  }

  @Test func `are told by their endings in capitals too`() throws {
    #expect(try rows("A.JSONL", "{\"text\": \"a\"}\n") == ["1 a"])
    #expect(try rows("a.Csv", "text\nb\n") == ["2 b"])
  }

  @Test func `with spaces around the names of columns are shown with them`() throws {
    let table = try DataTable(at: folder.file("a.csv", "prompt , completion,id\na,b,1\n"))
    #expect(
      message { _ = try table.string("text", of: table.rows[0]) }.hasSuffix(
        #"the columns are "prompt ", " completion", "id"; "prompt " and " completion" have spaces around the name: take them out of the file, or give the name with them, in quotes"#
      ))
  }

  @Test func `hold an array of objects`() throws {
    #expect(try rows("a.json", "[\n{\"text\": \"a\"},\n{\"text\": \"b\"}]\n") == ["1 a", "2 b"])
  }

  @Test(arguments: ["\n", "\r\n"])
  func `hold literal fields between tabs`(end: String) throws {
    let text = ["text\tlabel", "\"a\", b\t1", "", "\tx", " c\" \t"].joined(separator: end)
    #expect(try rows("a.tsv", text + end) == ["2 \"a\", b", "4 ", "5  c\" "])
    #expect(try rows("a.tsv", text, "label") == ["2 1", "4 x", "5 "])
  }

  @Test(arguments: ["\n", "\r\n"])
  func `hold comma-separated values with quotes, commas and line ends in quotes`(
    end: String
  ) throws {
    let text = [
      "label,\"text\"", "1,plain", "2,\"a, \"\"b\"\"\(end)c\"", "\"3\",", "", "4, x ", "5,\"\"",
    ].joined(separator: end)
    let texts = ["2 plain", "3 a, \"b\"\(end)c", "5 ", "7  x ", "8 "]
    #expect(try rows("a.csv", text) == texts)
    #expect(try rows("a.csv", text + end) == texts)
    #expect(try rows("a.csv", text, "label") == ["2 1", "3 2", "5 3", "7 4", "8 5"])
  }

  @Test func `hold one text a line`() throws {
    #expect(try rows("a.txt", "a\r\n\nb \"c\"") == ["1 a", "2 ", "3 b \"c\""])
    #expect(try rows("a.txt", "a\rb\n\rc\r") == ["1 a", "2 b", "3 ", "4 c"])
  }

  @Test(arguments: [
    ("a.jsonl", "{\"text\": 1}"), ("a.json", "[{\"text\": 1}]"), ("a.csv", "text\n1"),
    ("a.tsv", "text\n1"), ("a.txt", "1"),
  ])
  func `may begin with a byte order mark`(name: String, text: String) throws {
    let table = try DataTable(at: folder.file(name, [0xef, 0xbb, 0xbf] + Array(text.utf8)))
    #expect(table.rows.count == 1)
    #expect(table.rows.first?.fields["text"] != nil)
  }

  @Test(arguments: ["a.csv", "a.tsv", "a.jsonl", "a.txt"])
  func `that are UTF-16 are refused with what to do`(name: String) throws {
    for mark in [[0xff, 0xfe], [0xfe, 0xff]] as [[UInt8]] {
      let url = try folder.file(name, mark + [0x61, 0, 0x0a, 0])
      #expect(
        message { try DataTable(at: url) }
          == "\(name): the text is UTF-16; write it as UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW")
    }
  }

  @Test(arguments: [(";", "semicolons"), ("\t", "tabs")])
  func `named .csv may have another separator, which the column names tell`(
    separator: String, name: String
  ) throws {
    let text = ["text\u{1f}label", "a, b\u{1f}1", "\"c\u{1f}\"\u{1f}2"].joined(separator: "\n")
      .replacing("\u{1f}", with: separator)
    let table = try DataTable(at: folder.file("a.csv", text))
    #expect(table.rows.map { $0.fields["text"] } == ["a, b", .string("c" + separator)])
    #expect(table.rows.map { $0.fields["label"] } == ["1", "2"])
    #expect(table.remarks == ["the fields are separated by \(name), as the first line is"])
    let prose = try DataTable(at: folder.file("b.csv", "text\na; b\n"))
    #expect(prose.rows.map { $0.fields["text"] } == ["a; b"] && prose.remarks == [])
    // In the names of the columns a quote after a semicolon is a quote.
    #expect(try DataTable(at: folder.file("c.csv", "x;\"y\na\n")).rows[0].fields["x;\"y"] == "a")
  }

  @Test func `may name a column twice that is not read`() throws {
    let text = "id,text,id\n1,a,2\n"
    #expect(try rows("a.csv", text) == ["2 a"])
    #expect(try rows("a.csv", text, "id.1") == ["2 2"])
    let url = try folder.file("b.csv", "text,id,text\na,1,b\n")
    let encoder = ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 9)
    #expect(
      message { try ExampleSet(at: url, encoder: encoder) }
        == "b.csv: the header names \"text\" twice; give the column that is meant a name of its own"
    )
    let labels = try folder.file("c.csv", "text,label,label\na,1,0\nb,0,1\n")
    #expect(
      message { try LabelledRows(at: labels, task: .classification) }
        .hasPrefix("c.csv: the header names \"label\" twice"))
  }

  @Test func `keep canonically equal columns apart`() throws {
    let table = try DataTable(at: folder.file("a.csv", "\u{e9},e\u{301}\n1,2\n"))
    #expect(table.rows.first?.fields["\u{e9}"]?.string == "1")
    #expect(table.rows.first?.fields["e\u{301}"]?.string == "2")
  }

  @Test(arguments: [
    ("a.jsonl", "{}\n{}\n{\"a\": }\n", "a.jsonl, line 3: column 7: expected a value, found \"}\""),
    ("a.jsonl", "{}\n[1]", "a.jsonl, line 2: expected an object, found a list"),
    ("a.json", "[{},\n{]", "a.json: line 2, column 2: expected a key, found \"]\""),
    (
      "a.json", "{}\n{}",
      "a.json: line 2, column 1: \"{\" follows the end of the value"
    ),
    (
      "a.json", "{}",
      "a.json: expected an array of objects, found an object; one object a line is .jsonl"
    ),
    ("a.json", "[{}, 3]", "a.json, row 2: expected an object, found an integer"),
    (
      "a.tsv", "a\tb\n1\t2\n\n3\n",
      """
      a.tsv, line 4: expected 2 fields (a, b), found 1; a field of a .tsv cannot hold a line end, one of a .csv can, in \
      quotes
      """
    ),
    (
      "a.csv", "a\n\"\n\"\n1,2\n",
      "a.csv, line 4: expected 1 field (a), found 2; a field that holds the separator belongs in quotes"
    ),
    (
      "a.csv", "a\r\r\"1\r2\n",
      """
      a.csv, line 3: a quoted field begins in this line and has no closing quote; close it, or write a quote that is \
      part of the text as \"\" in a quoted field
      """
    ),
    (
      "a.jsonl", "{}\n{\"a\": \"\0\"}",
      "a.jsonl, line 2: there is a zero byte: the file is no UTF-8 text, or is damaged"
    ),
    (
      "a.csv", "a\n\0",
      "a.csv, line 2: there is a zero byte: the file is no UTF-8 text, or is damaged"
    ),
    ("a.jsonl", "{\"a\": 1, \"a\": 2}", "a.jsonl, line 1: column 10: the key \"a\" occurs twice"),
    ("a.jsonl", "\n \n", "a.jsonl: the file has no rows"),
    ("a.json", "", "a.json: the file has no rows"),
    ("a.json", "[]", "a.json: the file has no rows"),
    ("a.csv", "a,b\n", "a.csv: the file has no rows"),
    ("a.tsv", "", "a.tsv: the file has no rows"),
    ("a.txt", "", "a.txt: the file has no rows"),
    (
      "a.parquet", "PAR1",
      "a.parquet: the end of the file is missing, where Parquet files say what they contain; download or copy it again"
    ),
    (
      "a.xlsx", "PK",
      "a.xlsx: a data file ends in .jsonl, .json, .csv, .tsv, .txt or .parquet; a text may be compressed, and end in .gz or .zst too"
    ),
  ])
  func `that are malformed are refused by file and line`(
    name: String, text: String, expected: String
  ) throws {
    #expect(try failure(name, text) == expected)
  }

  @Test(arguments: ["a.jsonl", "a.csv", "a.tsv", "a.txt"])
  func `that are not UTF-8 are refused by line`(name: String) throws {
    let first = name == "a.jsonl" ? "{}\n" : "a\n"
    let second: [UInt8] = name == "a.jsonl" ? [0x22, 0xff, 0x22] : [0x62, 0xff]
    let url = try folder.file(name, Array(first.utf8) + second)
    let text = message { try DataTable(at: url) }
    #expect(text.hasPrefix("\(name), line 2: "))
    #expect(text.contains("not valid UTF-8; write it as UTF-8"))
  }

  @Test func `that cannot be read are refused with the system's reason`() {
    let url = URL(filePath: "absent.csv", relativeTo: folder.url)
    #expect(
      message { try DataTable(at: url) } == "cannot read absent.csv: No such file or directory")
  }
}
