/// The tokens of words that were seen before: most words of a text were.
struct WordCache: Sendable {
  private struct Entry: Sendable {
    var hash: UInt64
    var start: UInt32
    var firstToken: UInt32
    var count: UInt16
    var tokenCount: UInt16
  }

  private var slots: [UInt32] = Array(repeating: 0, count: 1 << 12)
  private var entries: [Entry] = []
  private var words: [UInt8] = []
  private var tokens: [WordToken] = []

  /// Longer words are rarely seen twice.
  static let longestWord = 128
  private static let mostWords = 1 << 16

  /// Appends the tokens of a word, moved by `offset`, to a list; false where it is not known.
  @inline(__always)
  func append(
    _ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, offset: Int, to list: inout [WordToken]
  ) -> Bool {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if entry.hash == hash, Int(entry.count) == word.count, isWord(entry, word) {
        for index in Int(entry.firstToken)..<Int(entry.firstToken) + Int(entry.tokenCount) {
          var token = tokens[index]
          token.start += Int32(offset)
          token.end += Int32(offset)
          list.append(token)
        }
        return true
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return false
  }

  @inline(__always)
  private func isWord(_ entry: Entry, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
    for index in 0..<word.count where words[Int(entry.start) + index] != word[index] {
      return false
    }
    return true
  }

  /// Remembers the tokens of a word that is not there.
  mutating func insert(
    _ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ wordTokens: [WordToken]
  ) {
    if entries.count == Self.mostWords { self = WordCache() }
    if entries.count * 2 >= slots.count { grow() }
    entries.append(
      Entry(
        hash: hash, start: UInt32(words.count), firstToken: UInt32(tokens.count),
        count: UInt16(word.count), tokenCount: UInt16(wordTokens.count)))
    words.append(contentsOf: word)
    tokens.append(contentsOf: wordTokens)
    place(entries.count - 1)
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for index in entries.indices { place(index) }
  }

  private mutating func place(_ index: Int) {
    var slot = Int(truncatingIfNeeded: entries[index].hash) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(index + 1)
  }
}
