import LowRank

/// Two small corpora that say the same things in two styles, from a generator of ours.
///
/// The plain one is what the demo's model learns first; the ornate one is what an adapter turns it to.
struct DemoCorpus {
  /// The styles.
  enum Style: String, CaseIterable {
    /// Short statements.
    case plain
    /// The same, as an old storyteller would have it.
    case ornate
  }

  private static let names = [
    "Mira", "Tomas", "Ines", "Oskar", "Lena", "Pavel", "Ruth", "Jonas", "Clara", "Emil",
  ]
  private static let places = [
    "river", "market", "harbour", "garden", "station", "library", "bridge", "forest", "mill",
    "tower",
  ]
  private static let colours = ["red", "green", "blue", "golden", "silver", "black", "white"]
  private static let things = [
    "box", "key", "lamp", "coat", "letter", "stone", "bell", "boat", "ring", "map",
  ]
  private static let moods = ["happy", "tired", "proud", "quiet", "curious", "afraid"]

  /// Sentences of a style: a function of the style and the seed.
  static func sentences(_ style: Style, count: Int, seed: UInt64) -> [String] {
    var random = Philox(key: seed)
    func pick(_ words: [String]) -> String { words[random.integer(below: words.count)] }
    return (0..<count).map { _ in
      let (name, place, colour) = (pick(names), pick(places), pick(colours))
      let (thing, mood) = (pick(things), pick(moods))
      return switch style {
      case .plain:
        "\(name) went to the \(place) . There was a \(colour) \(thing) . \(name) was \(mood) ."
      case .ornate:
        "Hark ! By the \(place) did \(name) behold a \(colour) \(thing) , and lo , \(name) grew \(mood) !"
      }
    }
  }

  /// All words, in a fixed order.
  static var words: [String] {
    var seen: Set<String> = []
    let texts = Style.allCases.flatMap { sentences($0, count: 4000, seed: 7) }
    return texts.flatMap { $0.split(separator: " ").map(String.init) }.filter {
      seen.insert($0).inserted
    }.sorted()
  }
}
