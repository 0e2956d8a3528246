import LowRankTensors

/// The rows of a batch: sequences laid end to end, without padding.
public struct PackedRows: Sendable {
  /// The rows of each sequence.
  public let segments: [Range<Int>]
  /// The position of each row in its sequence, counted from zero, caches included.
  public let positions: [Int32]
  /// The longest sequence, caches included.
  public let longest: Int
  /// The kind of each row's token, by which models tell the texts of a pair apart; nil where all are of kind 0.
  public let tokenTypeIDs: [Int32]?
  /// The numbers that stand for each row where sequences are images, row by row: those of a patch, and zeros for the tokens
  /// before the patches; nil where sequences are tokens.
  public let patches: [Float]?

  /// Sequences of the given lengths, each after as many earlier rows as `starts` says.
  public init(
    lengths: [Int], starts: [Int]? = nil, tokenTypeIDs: [Int32]? = nil, patches: [Float]? = nil
  ) {
    self.patches = patches
    let starts = starts ?? [Int](repeating: 0, count: lengths.count)
    precondition(starts.count == lengths.count, "\(lengths.count) lengths, \(starts.count) starts")
    var segments: [Range<Int>] = []
    var positions: [Int32] = []
    for (length, start) in zip(lengths, starts) {
      segments.append(positions.count..<positions.count + length)
      positions.append(contentsOf: (start..<start + length).map(Int32.init))
    }
    precondition(
      (tokenTypeIDs?.count ?? positions.count) == positions.count,
      "\(tokenTypeIDs?.count ?? 0) kinds of \(positions.count) rows")
    self.tokenTypeIDs = tokenTypeIDs
    self.segments = segments
    self.positions = positions
    self.longest = zip(lengths, starts).map { $0 + $1 }.max() ?? 0
  }

  /// The number of rows.
  public var count: Int { positions.count }

  /// The segments of attention without a cache: each sequence sees itself.
  var fresh: [Segment] { segments.map { Segment(queries: $0, keys: $0) } }
}
