import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A map of labels` {
  private func map(_ names: [String]) throws -> LabelMap {
    try LabelMap(collecting: names) { "a.csv, line \($0 + 2)" }
  }

  @Test func `keeps whole numbers and fills the gaps`() throws {
    #expect(try map(["3", "0", "3"]).names == ["0", "1", "2", "3"])
    #expect(try map(["3", "0"]).index(of: "3") == 3)
    #expect(try map(["9999"]).count == 10_000)
  }

  @Test func `orders other labels by their bytes`() throws {
    #expect(try map(["b", "10", "a", "B", "9", "é"]).names == ["10", "9", "B", "a", "b", "é"])
    #expect(try map(["01", "1"]).names == ["01", "1"])
  }

  @Test func `tells canonically equal labels apart`() throws {
    let map = try map(["\u{e9}", "e\u{301}"])
    #expect(map.count == 2)
    #expect(map.index(of: "e\u{301}") == 0)
    #expect(map.index(of: "\u{e9}") == 1)
    #expect(LabelMap(["\u{e9}"]) != LabelMap(["e\u{301}"]))
    #expect(map.label2id.count == 2)
  }

  @Test(arguments: [
    (
      ["1", "-1"],
      """
      a.csv, line 3: the label is -1, but classes count from 0; benchmarks write -1 where they keep \
      the label secret
      """
    ),
    (
      ["1", "10000", "0"],
      """
      a.csv, line 3: the label is 10000, but classes count from 0 to 9999 at the most; is another \
      column meant?
      """
    ),
    (
      (0...10_000).map { "a\($0)" },
      """
      a.csv, line 2: 10001 different labels follow from here, expected at most 10000; is another \
      column meant?
      """
    ),
  ])
  func `refuses numbers that no model has classes for`(names: [String], expected: String) {
    #expect(message { try map(names) } == expected)
  }

  @Test func `is id2label and label2id of a config.json`() throws {
    let map = LabelMap(["no", "yes"])
    #expect(map.id2label == ["0": "no", "1": "yes"])
    #expect(map.label2id == ["no": 0, "yes": 1])
    let section = JSONSection(["1": "yes", "0": "no"], of: "config.json", path: "id2label.")
    #expect(try LabelMap(id2label: section) == map)
  }

  @Test func `without names is called as transformers calls it, and takes numbers`() throws {
    let map = LabelMap(unnamed: 3)
    #expect(map.names == ["LABEL_0", "LABEL_1", "LABEL_2"])
    #expect(map.index(of: "LABEL_2") == 2)
    #expect(map.index(of: "2") == 2)
    #expect(map.index(of: "3") == nil)
    #expect(LabelMap(["no", "yes"]).index(of: "1") == nil)
  }

  @Test(arguments: [
    (
      #"{"0": "a", "2": "b"}"#,
      "config.json: \"id2label.1\" must be a string, but it is missing"
    ),
    (#"{"0": 1}"#, "config.json: \"id2label.0\" must be a string, found an integer"),
    (
      #"{"0": "a", "1": "a"}"#,
      "config.json: \"id2label.1\" is \"a\", as another label is called already"
    ),
    ("{}", "config.json: \"id2label\" must name 1 to 10000 labels, found 0"),
  ])
  func `refuses an id2label that is none`(text: String, expected: String) throws {
    let object = try #require(try JSONValue(parsing: text).object)
    let section = JSONSection(object, of: "config.json", path: "id2label.")
    #expect(message { try LabelMap(id2label: section) } == expected)
  }
}
