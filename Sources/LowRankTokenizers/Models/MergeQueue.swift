/// A binary heap of places to merge, the lowest rank first and the leftmost where equal.
struct MergeQueue: Sendable {
  /// Rank in the high half, position in the low half: one comparison orders both.
  private var keys: [UInt64] = []

  mutating func removeAll() { keys.removeAll(keepingCapacity: true) }

  /// Adds an entry without ordering; `order()` must follow.
  ///
  /// No merge (rank `.max`) is no entry.
  mutating func append(rank: UInt32, position: Int) {
    guard rank != .max else { return }
    keys.append(UInt64(rank) << 32 | UInt64(position))
  }

  mutating func order() {
    for index in stride(from: keys.count / 2 - 1, through: 0, by: -1) { sink(from: index) }
  }

  mutating func insert(rank: UInt32, position: Int) {
    guard rank != .max else { return }
    let key = UInt64(rank) << 32 | UInt64(position)
    keys.append(key)
    var index = keys.count - 1
    while index > 0, keys[(index - 1) / 2] > key {
      keys[index] = keys[(index - 1) / 2]
      index = (index - 1) / 2
    }
    keys[index] = key
  }

  mutating func popFirst() -> (rank: UInt32, position: Int)? {
    guard let first = keys.first, let last = keys.popLast() else { return nil }
    if !keys.isEmpty {
      keys[0] = last
      sink(from: 0)
    }
    return (UInt32(first >> 32), Int(first & 0xFFFF_FFFF))
  }

  private mutating func sink(from start: Int) {
    keys.withUnsafeMutableBufferPointer { keys in
      let key = keys[start]
      var index = start
      while true {
        var child = 2 * index + 1
        guard child < keys.count else { break }
        if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
        guard keys[child] < key else { break }
        keys[index] = keys[child]
        index = child
      }
      keys[index] = key
    }
  }
}
