/// A run of bytes of a pickle, or of elements of an arena.
struct Piece: BitwiseCopyable {
  let start: UInt32
  let count: UInt32

  /// - Precondition: `range` ends below 2³², which a pickle does.
  init(_ range: Range<Int>) {
    (start, count) = (UInt32(range.lowerBound), UInt32(range.count))
  }

  var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
