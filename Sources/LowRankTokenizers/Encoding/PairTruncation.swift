/// Which of two texts loses tokens at its end where both together are too long.
public enum PairTruncation: String, CaseIterable, Hashable, Sendable {
  /// The longer one, then both alike.
  case longestFirst = "longest_first"
  /// The first one only.
  case onlyFirst = "only_first"
  /// The second one only.
  case onlySecond = "only_second"

  /// The lengths that are left of two texts which may have `room` tokens together; none where the
  /// one that may be cut is too short for that.
  func lengths(_ first: Int, _ second: Int, room: Int) -> (first: Int, second: Int)? {
    let excess = first + second - room
    guard excess > 0 else { return (first, second) }
    guard room > 0 else { return (0, 0) }
    switch self {
    case .onlyFirst: return first > excess ? (first - excess, second) : nil
    case .onlySecond: return second > excess ? (first, second - excess) : nil
    case .longestFirst:
      let shorter = min(first, second)
      let half = room / 2
      // The odd token is the longer text's, or the second one's where they are equal.
      let (less, more) =
        shorter <= half ? (shorter, room - shorter) : (half, room - half)
      return first > second ? (more, less) : (less, more)
    }
  }
}
