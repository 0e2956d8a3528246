/// Finds, at a place in a text, the longest of a set of strings that stands there.
struct TokenTrie: Sendable {

  private var edges = PairTable<Int32>(capacity: 16, empty: -1)
  private var strings: [Int32] = [-1]
  private var starts: [Bool] = Array(repeating: false, count: 256)

  /// Whether there is nothing to find.
  var isEmpty: Bool { strings.count == 1 }

  mutating func insert(_ string: [UInt8], as index: Int) {
    guard let first = string.first else { return }
    starts[Int(first)] = true
    var node: Int32 = 0
    for byte in string {
      if let next = edges[node, Int32(byte)] {
        node = next
      } else {
        let next = Int32(strings.count)
        edges.set(node, Int32(byte), to: next)
        strings.append(-1)
        node = next
      }
    }
    // Of two equal strings the first counts.
    if strings[Int(node)] < 0 { strings[Int(node)] = Int32(index) }
  }

  /// The leftmost match at or after byte `start`, the longest there.
  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> (index: Int, range: Range<Int>)? {
    for first in start..<text.count where starts[Int(text[first])] {
      var found: (index: Int, range: Range<Int>)?
      var node: Int32 = 0
      var at = first
      while at < text.count, let next = edges[node, Int32(text[at])] {
        node = next
        at += 1
        if strings[Int(node)] >= 0 { found = (Int(strings[Int(node)]), first..<at) }
      }
      if let found { return found }
    }
    return nil
  }
}
