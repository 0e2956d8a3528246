/// The ranks from 1 to a greatest one that a figure shows: 1 to 8, then two for each doubling, and the last.
package func sampledRanks(to greatest: Int) -> [Int] {
  precondition(greatest > 0, "ranks to \(greatest)")
  var ranks = Array(1...min(8, greatest))
  while var rank = ranks.last, rank < greatest {
    let doubling = Int.bitWidth - 1 - rank.leadingZeroBitCount
    rank += max(1, (1 << doubling) / 2)
    ranks.append(min(rank, greatest))
  }
  return ranks
}
