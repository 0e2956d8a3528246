/// One sequence of a packed batch: a run of query rows that sees one run of key rows.
///
/// Query *i* of the segment stands at position `keys.count - queries.count + i`, so that a cache of
/// earlier keys is the same case as a fresh sequence.
public struct Segment: Hashable, Sendable {
  /// The rows of the queries and of the output.
  public let queries: Range<Int>
  /// The rows of the keys and values.
  public let keys: Range<Int>

  /// A segment of the given rows; there are at least as many keys as queries.
  public init(queries: Range<Int>, keys: Range<Int>) {
    precondition(keys.count >= queries.count, "queries \(queries) have fewer keys, \(keys)")
    self.queries = queries
    self.keys = keys
  }
}
