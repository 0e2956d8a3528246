/// One line of a byte-pair vocabulary's merges: how early it applies, and what it makes.
struct Merge: BitwiseCopyable, Sendable {
  /// The line's number; the lowest applies first.
  var rank: UInt32
  var id: Int32
}

/// A token of one word, with its place among the word's bytes.
struct WordToken: BitwiseCopyable, Sendable {
  var id: Int32
  var start: Int32
  var end: Int32
}

/// Applies merges to the symbols of one word: the lowest rank first, the leftmost where equal.
struct MergeScratch: Sendable {
  private struct Symbol: BitwiseCopyable {
    var token: WordToken
    /// The merge with the symbol that follows, of rank `.max` where there is none.
    var merge: Merge
  }

  private struct Links: BitwiseCopyable {
    var previous: Int32
    /// The symbol that follows, or -1.
    var next: Int32
  }

  /// The symbols to be merged; afterwards the word's tokens.
  var tokens: [WordToken] = []
  private var symbols: [Symbol] = []
  private var links: [Links] = []
  private var queue = MergeQueue()

  private static let none = Merge(rank: .max, id: -1)
  /// From this many symbols on, a queue is faster than looking through all of them.
  private static let long = 48

  mutating func merge(_ merges: PairTable<Merge>) {
    guard tokens.count > 1 else { return }
    symbols.removeAll(keepingCapacity: true)
    for index in tokens.indices {
      let last = index + 1 == tokens.count
      let merge = last ? nil : merges[tokens[index].id, tokens[index + 1].id]
      symbols.append(Symbol(token: tokens[index], merge: merge ?? Self.none))
    }
    tokens.removeAll(keepingCapacity: true)
    if symbols.count < Self.long { mergeShort(merges) } else { mergeLong(merges) }
  }

  private mutating func mergeShort(_ merges: PairTable<Merge>) {
    var count = symbols.count
    symbols.withUnsafeMutableBufferPointer { symbols in
      while true {
        var best = 0
        for index in 1..<count where symbols[index].merge.rank < symbols[best].merge.rank {
          best = index
        }
        guard symbols[best].merge.rank != .max else { break }
        symbols[best].token.id = symbols[best].merge.id
        symbols[best].token.end = symbols[best + 1].token.end
        for index in best + 1..<count - 1 { symbols[index] = symbols[index + 1] }
        count -= 1
        guard count > 1 else { break }
        for index in [best - 1, best] where index >= 0 {
          symbols[index].merge =
            index + 1 < count
            ? merges[symbols[index].token.id, symbols[index + 1].token.id] ?? Self.none
            : Self.none
        }
      }
    }
    for index in 0..<count { tokens.append(symbols[index].token) }
  }

  /// The same with the symbols in a linked list and the merges in a queue, whose entries are
  /// checked when their turn comes.
  private mutating func mergeLong(_ merges: PairTable<Merge>) {
    let count = symbols.count
    links.removeAll(keepingCapacity: true)
    queue.removeAll()
    for index in 0..<count {
      links.append(
        Links(previous: Int32(index - 1), next: index + 1 < count ? Int32(index + 1) : -1))
      queue.append(rank: symbols[index].merge.rank, position: index)
    }
    queue.order()
    while let (rank, position) = queue.popFirst() {
      // Moved on: merged into its neighbour, or waiting under another rank.
      guard symbols[position].merge.rank == rank else { continue }
      let right = Int(links[position].next)
      symbols[position].token.id = symbols[position].merge.id
      symbols[position].token.end = symbols[right].token.end
      symbols[right].merge = Self.none
      let next = links[right].next
      links[position].next = next
      if next >= 0 { links[Int(next)].previous = Int32(position) }
      for left in [Int(links[position].previous), position] where left >= 0 {
        let follower = Int(links[left].next)
        let merge =
          follower >= 0 ? merges[symbols[left].token.id, symbols[follower].token.id] : nil
        symbols[left].merge = merge ?? Self.none
        queue.insert(rank: symbols[left].merge.rank, position: left)
      }
    }
    var at = 0
    while at >= 0 {
      tokens.append(symbols[at].token)
      at = Int(links[at].next)
    }
  }
}
