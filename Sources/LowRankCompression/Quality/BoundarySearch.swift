/// Finds a member of an ordered family that is good enough while the one before it is not.
///
/// The members grow; the last one is known to be good enough and is never tried. Where more is always better, the member
/// found is the first that is good enough. Where it is not, one before it may be good enough too, but what is found always
/// is, and the one before it was tried and is not.
package struct BoundarySearch: Hashable, Sendable {
  /// Which member is tried first.
  package enum Start: Hashable, Sendable {
    /// The middle one: the fewest trials where more is always better.
    case middle
    /// The first, then the 2nd, 4th, 8th, … until one is good enough: finds small members where more is not always better.
    case smallest
  }

  /// How many members there are.
  package let count: Int
  /// Which member is tried first.
  package let start: Start

  /// A search among members, of which there is at least one.
  package init(count: Int, from start: Start) {
    precondition(count > 0, "a search among \(count) members")
    (self.count, self.start) = (count, start)
  }

  /// The most trials that a search takes.
  package var mostTrials: Int {
    guard start == .smallest else { return Self.halvings(of: count) }
    var (most, trials, tooFew) = (0, 0, -1)
    while let member = next(after: tooFew) {
      trials += 1
      most = max(most, trials + Self.halvings(of: member - tooFew))
      tooFew = member
    }
    return max(most, trials + Self.halvings(of: count - 1 - tooFew))
  }

  /// The member that is found, by its number from 0.
  ///
  /// - Parameter isGoodEnough: tries a member; asked once for each that is tried.
  package func run(_ isGoodEnough: (Int) throws -> Bool) rethrows -> Int {
    var (tooFew, enough) = (-1, count - 1)
    if start == .smallest {
      while let member = next(after: tooFew) {
        guard try !isGoodEnough(member) else {
          enough = member
          break
        }
        tooFew = member
      }
    }
    while enough - tooFew > 1 {
      let middle = (tooFew + enough) / 2
      if try isGoodEnough(middle) { enough = middle } else { tooFew = middle }
    }
    return enough
  }

  /// The next member that is tried after one that keeps too little; nil where that would be the last one.
  private func next(after tooFew: Int) -> Int? {
    let member = tooFew < 0 ? 0 : 2 * tooFew + 1
    return member < count - 1 ? member : nil
  }

  /// How often a gap is halved until it is 1.
  private static func halvings(of gap: Int) -> Int {
    var (rest, count) = (gap, 0)
    while rest > 1 {
      rest = (rest + 1) / 2
      count += 1
    }
    return count
  }
}
