import Foundation
import LowRankTemplates
import Testing

@Suite struct `Values from JSON` {
  @Test func `keep the order of their keys`() throws {
    let text =
      #" {"b": [1, -2.5e1, true, null, "é\n\u00e9\ud83d\ude00"], "a": {}, "n": 1e2, "z": -0} "#
    let expected: TemplateValue = [
      "b": [1, -25.0, true, nil, "é\né😀"], "a": [:], "n": 100.0, "z": 0,
    ]
    #expect(try TemplateValue(json: Data(text.utf8)) == expected)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "-", "nul", "\"a", "\"\\x\"",
    "\"\\ud800\"",
    "\"\t\"", "[1] 2", "{\"a\": 1, \"a\": 2}", "{1: 2}", "1e", "--1", "\"\\u12\"", "\"\\u00g0\"",
    String(repeating: "[", count: 100_000),
  ])
  func `are refused where the text is not JSON`(text: String) {
    #expect(throws: TemplateError.self) { try TemplateValue(json: Data(text.utf8)) }
  }
}
