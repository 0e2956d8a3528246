import LowRankCheckpoints
import Testing

@Suite struct `The name that a wrong one means` {
  private static let verbs = ["train", "pretrain", "evaluate", "extract", "runs", "data"]

  @Test(arguments: [
    ("trian", "train"), ("TRAIN", "train"), ("trein", "train"), ("evalaute", "evaluate"),
    ("run", "runs"), ("dtaa", "data"), ("extrakt", "extract"), ("eval", "evaluate"),
    ("trn", "train"), ("dta", "data"),
  ])
  func `is a close one, or the only one that it begins`(wrong: String, meant: String) {
    #expect(nearestName(to: wrong, among: Self.verbs) == meant)
    #expect(suggestion(for: wrong, among: Self.verbs) == "; did you mean \"\(meant)\"?")
  }

  @Test(arguments: ["xyzzy", "t", "tr", "merge", "", "e", "dance", "tnr", "pt", "ex-tracting"])
  func `is none where all are too different`(wrong: String) {
    #expect(nearestName(to: wrong, among: Self.verbs) == nil)
    #expect(suggestion(for: wrong, among: Self.verbs).isEmpty)
  }

  @Test func `is none of several that it begins`() {
    #expect(nearestName(to: "label", among: ["label_first", "label_second"]) == nil)
    #expect(nearestName(to: "r", among: ["k", "q"]) == nil)
  }
}
