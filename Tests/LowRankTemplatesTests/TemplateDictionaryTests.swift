import LowRankTemplates
import Testing

@Suite struct `A template's dictionary` {
  @Test func `keeps the order in which names were given`() {
    var dictionary: TemplateDictionary = ["b": 1, "a": 2, "c": 3]
    dictionary["b"] = 4
    dictionary["a"] = nil
    dictionary["d"] = "x"
    #expect(dictionary.entries.map(\.key) == ["b", "c", "d"])
    #expect(dictionary["b"] == 4)
    #expect(dictionary["d"] == "x")
    #expect(dictionary["a"] == nil)
  }

  @Test func `tells apart names that only look the same`() {
    let dictionary: TemplateDictionary = ["\u{e9}": 1, "e\u{301}": 2]
    #expect(dictionary.count == 2)
    #expect(dictionary["\u{e9}"] == 1)
    #expect(dictionary["e\u{301}"] == 2)
  }
}
