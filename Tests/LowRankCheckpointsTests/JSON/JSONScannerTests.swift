import Foundation
import LowRankCheckpoints
import Testing

@Suite struct `A JSON text` {
  @Test(
    arguments: [
      ("null", .null), (" true\n", true), ("false", false), ("-0", .number("-0")),
      ("9223372036854775807", 9_223_372_036_854_775_807), ("1e-5", .number("1e-5")),
      ("[]", []), ("[ 1 , \"a\" ]", [1, "a"]), ("{}", [:]),
      ("{\"b\":{\"a\":[null]},\"a\":-12.5e+03}", ["b": ["a": [nil]], "a": .number("-12.5e+03")]),
      (#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é😀""#, "\"\\/\u{8}\u{c}\n\r\tA\u{e9}😀\u{e9}😀"),
      (#""\u0000""#, "\0"),
    ] as [(String, JSONValue)])
  func `is read as it was written`(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
  }

  @Test(arguments: [
    ("", "column 1: the text is empty"),
    (" \n ", "line 2, column 2: the text is empty"),
    ("{} {}", "column 4: \"{\" follows the end of the value"),
    ("1\0", "column 2: the byte 0x0 follows the end of the value"),
    ("{\"a\":1,\n\"a\":2}", "line 2, column 1: the key \"a\" occurs twice"),
    (#"{"a":1,"\u0061":2}"#, "column 8: the key \"a\" occurs twice"),
    ("[1,]", "column 4: expected a value, found \"]\""),
    ("[,1]", "column 2: expected a value, found \",\""),
    ("{\"a\":1,}", "column 8: expected a key, found \"}\""),
    ("{a:1}", "column 2: expected a key, found \"a\""),
    ("{\"a\" 1}", "column 6: expected \":\" after a key, found \"1\""),
    ("[1 2]", "column 4: expected \",\" or \"]\", found \"2\""),
    ("[1", "column 3: expected \",\" or \"]\", found the end"),
    ("{\"a\":1", "column 7: expected \",\" or \"}\", found the end"),
    ("NaN", "column 1: expected a value, found \"N\""),
    ("-Infinity", "column 1: a number lacks a digit"),
    ("nul", "column 1: expected the word null"),
    ("truth", "column 1: expected the word true"),
    ("01", "column 1: a number begins with a zero too many"),
    ("1.", "column 1: a number lacks a digit"),
    ("1e", "column 1: a number lacks a digit"),
    (".5", "column 1: expected a value, found \".\""),
    ("+1", "column 1: expected a value, found \"+\""),
    ("\"a", "column 1: a string has no end"),
    ("\"\\n", "column 1: a string has no end"),
    ("\"a\nb\"", "line 1, column 3: the control character 0xa must be escaped"),
    ("\"\u{1f}\"", "column 2: the control character 0x1f must be escaped"),
    (#""\x""#, "column 2: an unknown escape"),
    (#""\u12g4""#, "column 2: an escape needs four hexadecimal digits"),
    (#""\ud800""#, "column 2: an escape is half of a surrogate pair"),
    (#""\ud800\n""#, "column 2: an escape is half of a surrogate pair"),
    (#""\ud800\u0041""#, "column 2: an escape is half of a surrogate pair"),
    (#""a\udc00\ud800""#, "column 3: an escape is half of a surrogate pair"),
    ("\u{feff}{}", "column 1: expected a value, found the byte 0xef"),
  ])
  func `with a fault is refused with its place`(text: String, problem: String) {
    #expect(throws: JSONError(source: "rows.jsonl", problem: problem)) {
      try JSONValue(parsing: text, from: "rows.jsonl")
    }
  }

  @Test(
    arguments: [
      [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xe2, 0x82, 0x22],
      [0x22, 0x5c, 0x6e, 0xff, 0x22],
    ] as [[UInt8]])
  func `that is not valid UTF-8 is refused`(bytes: [UInt8]) {
    #expect(
      throws: JSONError(source: "", problem: "column 1: a string is not valid UTF-8")
    ) { try JSONValue(parsing: bytes) }
  }

  @Test(arguments: ["[", "{\"a\":"]) func `may nest 128 levels deep`(opening: String) throws {
    let closing = opening == "[" ? "]" : "}"
    func nested(_ depth: Int) -> String {
      String(repeating: opening, count: depth - 1) + (opening == "[" ? "[" : "{")
        + String(repeating: closing, count: depth)
    }
    #expect(try JSONValue(parsing: nested(128)).kind != "null")
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(129)) }
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: String(repeating: opening, count: 1_000_000))
    }
  }

  @Test func `cut short anywhere is refused`() throws {
    let text = Array(#"{"a": [1.5e3, "é\ud83d\ude00", true], "b": {"c": null}}"#.utf8)
    #expect(throws: Never.self) { try JSONValue(parsing: text) }
    for count in 0..<text.count {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.prefix(count))) }
    }
  }

  @Test func `keeps canonically equal keys apart`() throws {
    let object = try #require(
      try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}").object)
    #expect(object.count == 2)
    #expect(object["\u{e9}"] == 1)
    #expect(object["e\u{301}"] == 2)
    #expect(JSONValue.string("\u{e9}") != JSONValue.string("e\u{301}"))
  }

  @Test func `keeps the order of many keys and finds each`() throws {
    let keys = (0..<1000).map { "key \($0 * 7919 % 1000)" }
    let text = "{" + keys.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",") + "}"
    let object = try #require(try JSONValue(parsing: text).object)
    #expect(object.keys == keys)
    for key in keys { #expect(object[key] == .string(key)) }
    #expect(object["key"] == nil)
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: text.dropLast() + ",\"key 500\":1}")
    }
  }
}

extension JSONValue {
  /// A number spelled exactly like this.
  static func number(_ text: String) -> Self {
    (try? JSONValue(parsing: text)) ?? .null
  }
}
