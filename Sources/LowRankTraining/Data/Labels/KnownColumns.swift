import LowRankCheckpoints

/// The names under which texts and labels are found without being told.
enum KnownColumns {
  private static let pairs = [
    ["sentence1", "sentence2"], ["premise", "hypothesis"], ["question", "sentence"],
    ["question1", "question2"], ["question", "answer"], ["question", "passage"],
    ["text1", "text2"], ["text_a", "text_b"], ["#1 String", "#2 String"],
  ]
  private static let single = ["sentence", "text", "utterance", "review", "comment", "content"]

  /// The columns that may hold a label.
  static let labels = Set(
    [
      "label", "labels", "category", "class", "score", "target", "gold_label", "is_duplicate",
      "similarity", "similarity_score", "intent", "sentiment", "rating", "Quality",
    ].map(ExactText.init))

  /// The columns that may hold a text.
  static let texts = Set((pairs.joined() + single).map(ExactText.init))

  /// What the texts may be among some columns; no column alone where it is one of two.
  static func texts(among columns: [String]) -> [[String]] {
    let there = Set(columns.map(ExactText.init))
    let found = (pairs + single.map { [$0] })
      .filter { $0.allSatisfy { there.contains(ExactText($0)) } }
    return found.filter { one in
      !found.contains { $0.count > one.count && $0.contains(one[0]) }
    }
  }

  /// What the label may be among some columns.
  static func labels(among columns: [String]) -> [String] {
    columns.filter { labels.contains(ExactText($0)) }
  }
}
