import LowRank

/// The cache of keys and values, and which sequence has which of its pages.
struct SequenceCache {
  /// The tables.
  let tables: PagedKeyValues
  private var pool: PagePool
  private var tree = PrefixTree()
  /// Tokens that were found in the cache, and tokens that were looked for.
  private(set) var found = 0
  private(set) var lookedFor = 0

  init(pages: Int, engine: any Engine) {
    tables = PagedKeyValues(pageCount: pages, engine: engine)
    pool = PagePool(count: pages)
  }

  /// The number of pages.
  var pageCount: Int { pool.count }

  /// The pages that a sequence could take.
  var available: Int { pool.freeCount + tree.idleCount }

  /// The pages that hold known prefixes.
  var knownCount: Int { tree.count }

  /// The number of pages for so many tokens.
  static func pages(for tokens: Int) -> Int {
    (tokens + Segment.pageRows - 1) / Segment.pageRows
  }

  /// Gives a sequence the pages of its prefix that are known, if there is then room for the rest of its tokens.
  ///
  /// - Parameter spare: the pages that are left for others.
  /// - Returns: Whether there is room; if not, the sequence has no pages.
  mutating func admit(_ sequence: RunningSequence, leaving spare: Int) -> Bool {
    precondition(sequence.pages.isEmpty, "a sequence that waits has no pages")
    let size = Segment.pageRows
    // The last token is always computed, for its logits.
    if !sequence.needsPromptLogits {
      var parent = tree.root(of: sequence.request.mix.content)
      let limit = (sequence.tokens.count - 1) / size
      for index in 0..<limit {
        let part = sequence.tokens[index * size..<(index + 1) * size]
        guard let (node, page) = tree.use(after: parent, part) else { break }
        sequence.nodes.append(node)
        sequence.pages.append(page)
        sequence.isShared.append(true)
        parent = node
      }
    }
    let needed = Self.pages(for: sequence.tokens.count + 1) - sequence.pages.count
    guard available >= needed + spare else {
      release(sequence)
      return false
    }
    sequence.computed = sequence.pages.count * size
    found += sequence.computed
    lookedFor += sequence.tokens.count
    return true
  }

  /// Gives a sequence the pages for its first tokens; false where there are not enough.
  mutating func extend(_ sequence: RunningSequence, to tokens: Int) -> Bool {
    while sequence.pages.count < Self.pages(for: tokens) {
      guard let page = pool.take() ?? tree.evict() else { return false }
      sequence.pages.append(page)
      sequence.isShared.append(false)
    }
    return true
  }

  /// Makes the pages that became full known.
  mutating func publish(_ sequence: RunningSequence) {
    let size = Segment.pageRows
    while (sequence.nodes.count + 1) * size <= sequence.computed {
      let index = sequence.nodes.count
      let parent = sequence.nodes.last ?? tree.root(of: sequence.request.mix.content)
      let part = sequence.tokens[index * size..<(index + 1) * size]
      if let node = tree.add(sequence.pages[index], after: parent, part) {
        sequence.nodes.append(node)
        sequence.isShared[index] = true
      } else if let (node, _) = tree.use(after: parent, part) {
        // Another sequence computed the same; this one goes on with its own page.
        sequence.nodes.append(node)
      } else {
        return
      }
    }
  }

  /// Takes all pages of a sequence back.
  mutating func release(_ sequence: RunningSequence) {
    for node in sequence.nodes.reversed() { tree.release(node) }
    for (page, isShared) in zip(sequence.pages, sequence.isShared) where !isShared {
      pool.put(page)
    }
    (sequence.pages, sequence.nodes, sequence.isShared) = ([], [], [])
    sequence.computed = 0
  }
}
