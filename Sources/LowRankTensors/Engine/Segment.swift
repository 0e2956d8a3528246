/// One sequence of a packed batch: a run of query rows that sees one run of key rows.
///
/// Query *i* of the segment stands at position `keys.count - queries.count + i`, so that a cache of
/// earlier keys is the same case as a fresh sequence.
public struct Segment: Hashable, Sendable {
  /// The rows of a page of keys.
  public static let pageRows = 16

  /// The rows of the queries and of the output.
  public let queries: Range<Int>
  /// The rows of the keys and values; their positions where they lie on pages.
  public let keys: Range<Int>
  /// The pages that the keys lie on, in order; nil where they lie in a row.
  ///
  /// Key *j* is row `pages[j / pageRows] · pageRows + j mod pageRows`.
  public let pages: [Int32]?

  /// A segment of the given rows; there are at least as many keys as queries.
  public init(queries: Range<Int>, keys: Range<Int>) {
    precondition(keys.count >= queries.count, "queries \(queries) have fewer keys, \(keys)")
    self.queries = queries
    self.keys = keys
    pages = nil
  }

  /// A segment whose keys lie on pages; there are at least as many keys as queries.
  public init(queries: Range<Int>, keyCount: Int, pages: [Int32]) {
    precondition(keyCount >= queries.count, "queries \(queries) have fewer keys, \(keyCount)")
    precondition(
      keyCount <= pages.count * Self.pageRows, "\(keyCount) keys on \(pages.count) pages")
    self.queries = queries
    keys = 0..<keyCount
    self.pages = pages
  }

  /// The row of a key, by its position in the segment.
  public func row(ofKey key: Int) -> Int {
    guard let pages else { return keys.lowerBound + key }
    return Int(pages[key / Self.pageRows]) * Self.pageRows + key % Self.pageRows
  }
}
