/// The full pages whose content is known: which tokens of which adapters led to the keys and values on them.
///
/// A page is found by the page before it and its own tokens, and the first one by the content of the adapters. Neither
/// names nor hashes of tokens are compared, so a renamed or reloaded adapter finds exactly the values that its weights make.
package struct PrefixTree {
  /// A page with its place in the tree.
  package typealias Node = Int

  private struct Key: Hashable {
    let parent: Node
    let tokens: ArraySlice<Int32>
  }

  private struct Entry {
    let key: Key
    let page: Int32
    var children = 0
    /// How many sequences read it.
    var users = 0
    /// Tells the latest entry of the queue from earlier ones.
    var stamp = 0
  }

  private var roots: [String: Node] = [:]
  private var entries: [Node: Entry] = [:]
  private var nodes: [Key: Node] = [:]
  private var nextNode = 1
  private var nextStamp = 1
  /// Pages that nobody read when they were added, the longest unused first; entries that no longer hold are passed over.
  private var idle: [(node: Node, stamp: Int)] = []
  private var firstIdle = 0

  /// A tree without pages.
  package init() {}

  /// The number of pages in the tree.
  package var count: Int { entries.count }

  /// The number of pages that no sequence reads: all of them can be evicted, since whoever reads a page reads those before
  /// it too.
  private(set) var idleCount = 0

  /// The root of all sequences of adapters of a content.
  package mutating func root(of content: String) -> Node {
    if let root = roots[content] { return root }
    defer { nextNode += 1 }
    roots[content] = nextNode
    return nextNode
  }

  /// The page that follows another one with the given tokens; it counts as used until ``release(_:)``.
  package mutating func use(after parent: Node, _ tokens: ArraySlice<Int32>) -> (
    node: Node, page: Int32
  )? {
    guard let node = nodes[Key(parent: parent, tokens: Self.own(tokens))],
      let page = entries[node]?.page
    else { return nil }
    if entries[node]?.users == 0 { idleCount -= 1 }
    entries[node]?.users += 1
    return (node, page)
  }

  /// Adds a page that its owner goes on using; nil where the tree has such a page already.
  package mutating func add(_ page: Int32, after parent: Node, _ tokens: ArraySlice<Int32>) -> Node?
  {
    let key = Key(parent: parent, tokens: Self.own(tokens))
    guard nodes[key] == nil else { return nil }
    let node = nextNode
    nextNode += 1
    nodes[key] = node
    entries[node] = Entry(key: key, page: page, users: 1)
    entries[parent]?.children += 1
    return node
  }

  /// Ends the use of a page by one sequence.
  package mutating func release(_ node: Node) {
    guard var entry = entries[node] else { return }
    entry.users -= 1
    entries[node] = entry
    guard entry.users == 0 else { return }
    idleCount += 1
    queue(node)
  }

  /// Takes the page that was unused longest and that no other one follows out of the tree.
  package mutating func evict() -> Int32? {
    while firstIdle < idle.count {
      let (node, stamp) = idle[firstIdle]
      firstIdle += 1
      if firstIdle > 1024, firstIdle > idle.count / 2 {
        idle.removeFirst(firstIdle)
        firstIdle = 0
      }
      guard let entry = entries[node], entry.stamp == stamp, entry.users == 0, entry.children == 0
      else { continue }
      entries[node] = nil
      nodes[entry.key] = nil
      idleCount -= 1
      let parent = entry.key.parent
      entries[parent]?.children -= 1
      if let above = entries[parent], above.children == 0, above.users == 0 { queue(parent) }
      return entry.page
    }
    return nil
  }

  private mutating func queue(_ node: Node) {
    entries[node]?.stamp = nextStamp
    idle.append((node, nextStamp))
    nextStamp += 1
  }

  /// Tokens that keep no larger array alive.
  private static func own(_ tokens: ArraySlice<Int32>) -> ArraySlice<Int32> { Array(tokens)[...] }
}
