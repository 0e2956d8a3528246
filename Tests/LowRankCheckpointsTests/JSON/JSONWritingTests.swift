import Foundation
import LowRankCheckpoints
import Testing

@Suite struct `A JSON value` {
  let value: JSONValue = [
    "name": "a \"quoted\" \\ line\n\u{1}é😀", "loss": 1.5, "steps": 3, "none": nil, "ok": true,
    "empty": [:], "list": [1, [], "x"],
  ]

  @Test func `is written on one line`() {
    #expect(
      value.text()
        == #"{"name":"a \"quoted\" \\ line\n\u0001é😀","loss":1.5,"steps":3,"none":null,"ok":true,"#
        + #""empty":{},"list":[1,[],"x"]}"#)
  }

  @Test func `is written with a line for each part, as Python's indent=2`() {
    let value: JSONValue = ["b": [1, 2], "a": ["x": 0.1], "c": [], "d": [:]]
    #expect(
      value.text(.pretty) == """
        {
          "b": [
            1,
            2
          ],
          "a": {
            "x": 0.1
          },
          "c": [],
          "d": {}
        }
        """)
    #expect(value.text(JSONLayout(sortsKeys: true)) == #"{"a":{"x":0.1},"b":[1,2],"c":[],"d":{}}"#)
  }

  @Test(arguments: JSONLayout.all) func `is read back as it was`(layout: JSONLayout) throws {
    #expect(try JSONValue(parsing: value.text(layout)) == value)
  }

  @Test func `is written to a file with a newline at the end`() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "value.json")
    try value.write(to: url)
    #expect(try String(contentsOf: url, encoding: .utf8) == value.text(.pretty) + "\n")
    #expect(try JSONFile(at: url).object == value.object)
  }

  @Test(arguments: [
    0, -0.0, 1, 0.1, 1e-5, 1 / 3.0, 1e16, 1e22, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    -123456.789,
  ]) func `of double precision is read back bit for bit`(double: Double) throws {
    let text = JSONValue.double(double).text()
    #expect(try JSONValue(parsing: text).double?.bitPattern == double.bitPattern)
  }

  @Test func `that JSON has no number for is null`() {
    #expect(JSONValue.double(.nan) == .null)
    #expect(JSONValue.double(-.infinity) == .null)
  }

  @Test func `of 64 bits keeps every digit`() throws {
    let text = "[9223372036854775807,-9223372036854775808,18446744073709551615]"
    let value = try JSONValue(parsing: text)
    #expect(value.array?.map(\.integer) == [.max, .min, nil])
    #expect(value.text() == text)
  }

  @Test func `is changed key by key`() {
    var object: JSONObject = ["a": 1, "b": 2, "c": 3]
    object["b"] = nil
    object["a"] = "x"
    object["d"] = 4
    #expect(JSONValue.object(object).text() == #"{"a":"x","c":3,"d":4}"#)
    for number in 0..<40 { object["k\(number)"] = .integer(number) }
    for number in 0..<39 { object["k\(number)"] = nil }
    #expect(object["k39"] == 39)
    #expect(object == ["k39": 39, "d": 4, "c": 3, "a": "x"])
    #expect(object.hashValue == (["k39": 39, "d": 4, "c": 3, "a": "x"] as JSONObject).hashValue)
  }
}

extension JSONLayout {
  static let all: [JSONLayout] = [.compact, .pretty, .sorted]
}
