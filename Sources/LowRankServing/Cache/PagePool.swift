/// The pages of the cache that nobody uses.
package struct PagePool {
  /// The number of pages.
  package let count: Int
  private var free: [Int32]

  package init(count: Int) {
    self.count = count
    free = (0..<Int32(count)).reversed()
  }

  /// The number of pages that nobody uses.
  package var freeCount: Int { free.count }

  /// Takes a page; nil where there is none.
  package mutating func take() -> Int32? { free.popLast() }

  /// Takes a page back.
  package mutating func put(_ page: Int32) { free.append(page) }
}
