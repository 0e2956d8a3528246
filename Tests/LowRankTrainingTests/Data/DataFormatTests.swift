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
    #expect(try rows("a.txt", "a\rb\n") == ["1 a\rb"])
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
    ("a.tsv", "a\tb\n1\t2\n\n3\n", "a.tsv, line 4: expected 2 fields (a, b), found 1"),
    ("a.csv", "a\n\"\n\"\n1,2\n", "a.csv, line 4: expected 1 field (a), found 2"),
    (
      "a.csv", "a,a\n1,2\n",
      "a.csv, line 1: expected a line of column names, but \"a\" occurs twice there"
    ),
    ("a.csv", "a\n\n\"1\n2\n", "a.csv, line 3: a quoted field has no closing quote"),
    (
      "a.csv", "a\n1 \"x\"\n",
      "a.csv, line 2: a quote in a field that does not begin with one; write \"\" in quotes"
    ),
    (
      "a.csv", "a\n\"1\" x\n",
      "a.csv, line 2: expected a comma or the end of the line after a quoted field"
    ),
    ("a.jsonl", "\n \n", "a.jsonl: the file has no rows"),
    ("a.json", "", "a.json: the file has no rows"),
    ("a.json", "[]", "a.json: the file has no rows"),
    ("a.csv", "a,b\n", "a.csv: the file has no rows"),
    ("a.tsv", "", "a.tsv: the file has no rows"),
    ("a.txt", "", "a.txt: the file has no rows"),
    (
      "a.parquet", "PAR1", "a.parquet: a data file ends in .jsonl, .json, .csv, .tsv or .txt"
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
    #expect(text.hasSuffix("not valid UTF-8"))
  }

  @Test func `that cannot be read are refused with the system's reason`() {
    let url = URL(filePath: "absent.csv", relativeTo: folder.url)
    #expect(
      message { try DataTable(at: url) } == "cannot read absent.csv: No such file or directory")
  }
}
