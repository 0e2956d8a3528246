import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A map of labels` {
  private func map(_ names: [String]) throws -> LabelMap {
    try LabelMap(collecting: names) { "a.csv, line \($0 + 2)" }
  }

  private func map(
    _ names: [String], others: [String] = [], counts: [Int] = []
  ) throws -> [String] {
    try LabelMap(collecting: names, others: others, counts: counts) { _ in "a.csv" }.names
  }

  @Test func `keeps the numbers 0 to n - 1`() throws {
    #expect(try map(["2", "0", "1", "0"]) == ["0", "1", "2"])
    #expect(try map(["1.0", "0.0", "2"]) == ["0", "1", "2"])
    #expect(try LabelMap(collecting: ["1.0", "0.0"]) { _ in "" }.index(of: "1.00") == 1)
    #expect(try map((0..<10_000).map(String.init)).count == 10_000)
  }

  @Test func `knows truth values as JSON and as Python writes them`() {
    #expect(LabelMap(["False", "True"]).index(of: "true") == 1)
    #expect(LabelMap(["false", "true"]).index(of: "False") == 0)
    #expect(LabelMap(["no", "yes"]).index(of: "true") == nil)
  }

  @Test func `takes other numbers for names, in the order of numbers`() throws {
    #expect(try map(["2020", "1990", "2020"]) == ["1990", "2020"])
    #expect(try map(["1", "-1", "0"]) == ["-1", "0", "1"])
    #expect(try map(["-1", "-10", "10", "9", "-2"]) == ["-10", "-2", "-1", "9", "10"])
    #expect(try map(["1", "2"]) == ["1", "2"])
    #expect(try map(["3", "0", "10000"]) == ["0", "3", "10000"])
    #expect(try map(["98765432109876543210", "7"]) == ["7", "98765432109876543210"])
    for (names, isByName) in [
      (["1", "2"], true), (["-1", "1"], true), (["0", "1"], false), (["a", "1"], false),
      (["LABEL_0", "LABEL_1"], false),
    ] { #expect(LabelMap(names).areNumbersByName == isByName, "\(names)") }
  }

  @Test func `counts numbers that other files or known heads have`() throws {
    #expect(try map(["0", "2"], others: ["1", "1"]) == ["0", "1", "2"])
    #expect(try map(["0", "1"], others: ["2"]) == ["0", "1", "2"])
    // What only other files have does not turn numbers into names, or the reverse.
    #expect(try map(["0", "1"], others: ["7"]) == ["0", "1"])
    #expect(try map(["0", "1"], others: ["-1"]) == ["0", "1"])
    #expect(try map(["0", "2"], others: ["x", "1"]) == ["0", "1", "2"])
    #expect(try map(["0", "2"], counts: [3]) == ["0", "1", "2"])
    #expect(try map(["1", "4"], counts: [3, 5]) == ["0", "1", "2", "3", "4"])
    #expect(try map(["0", "2"], counts: [2]) == ["0", "2"])
    #expect(try map(["-1", "1"], counts: [3]) == ["-1", "1"])
    #expect(try map(["a", "b"], others: ["c"], counts: [3]) == ["a", "b"])
  }

  @Test func `orders other labels by their bytes`() throws {
    #expect(try map(["b", "10", "a", "B", "9", "é"]) == ["10", "9", "B", "a", "b", "é"])
    #expect(try map(["01", "1", "00"]) == ["00", "01", "1"])
    #expect(try map(["1.5", "1.0", "2"]) == ["1.0", "1.5", "2"])
  }

  @Test func `tells canonically equal labels apart`() throws {
    let map: LabelMap = try map(["\u{e9}", "e\u{301}"])
    #expect(map.count == 2)
    #expect(map.index(of: "e\u{301}") == 0)
    #expect(map.index(of: "\u{e9}") == 1)
    #expect(LabelMap(["\u{e9}"]) != LabelMap(["e\u{301}"]))
    #expect(map.label2id.count == 2)
  }

  @Test(arguments: ["a", ""])
  func `refuses more labels than any model has classes for`(letter: String) {
    let names = (1...10_001).map { "\(letter)\($0)" }
    #expect(
      message { try map(names) as LabelMap }
        == """
        a.csv, line 2: 10001 different labels follow from here, expected at most 10000; is another \
        column meant?
        """)
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
