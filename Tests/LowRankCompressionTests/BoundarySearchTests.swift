import LowRankCompression
import Testing

@Suite struct `A search for the smallest member that is good enough` {
  /// What a search among members of a pattern finds, and which members it tried.
  private func run(_ pattern: [Bool], _ start: BoundarySearch.Start) -> (found: Int, tried: [Int]) {
    var tried: [Int] = []
    let found = BoundarySearch(count: pattern.count + 1, from: start).run { member in
      tried.append(member)
      return pattern[member]
    }
    return (found, tried)
  }

  @Test(arguments: [BoundarySearch.Start.middle, .smallest])
  func `finds one that is, after one that is not, whatever the others are`(
    start: BoundarySearch.Start
  ) {
    for count in 0...10 {
      for bits in 0..<(1 << count) {
        let pattern = (0..<count).map { bits >> $0 & 1 == 1 }
        let (found, tried) = run(pattern, start)
        #expect(found == count || (pattern[found] && tried.contains(found)))
        #expect(found == 0 || (!pattern[found - 1] && tried.contains(found - 1)))
        #expect(Set(tried).count == tried.count)
      }
    }
  }

  @Test(arguments: [BoundarySearch.Start.middle, .smallest])
  func `finds the first one if more is always better`(start: BoundarySearch.Start) {
    for count in 0...70 {
      for first in 0...count {
        #expect(run((0..<count).map { $0 >= first }, start).found == first)
      }
    }
  }

  @Test func `takes as many trials as it says, and no more`() {
    for start in [BoundarySearch.Start.middle, .smallest] {
      for count in 1...200 {
        let most = (0..<count).map { first in
          run((0..<count - 1).map { $0 >= first }, start).tried.count
        }.max()
        #expect(most == BoundarySearch(count: count, from: start).mostTrials, "\(count) \(start)")
      }
    }
    #expect(BoundarySearch(count: 256, from: .middle).mostTrials == 8)
    #expect(BoundarySearch(count: 256, from: .smallest).mostTrials == 15)
  }

  @Test func `doubles from the smallest, and then halves`() {
    #expect(run((0..<40).map { $0 >= 10 }, .smallest).tried == [0, 1, 3, 7, 15, 11, 9, 10])
    #expect(run((0..<40).map { $0 >= 10 }, .middle).tried == [19, 9, 14, 11, 10])
    // A small member that is good enough is found though larger ones are not.
    #expect(run((0..<40).map { $0 == 3 || $0 > 30 }, .smallest).found == 3)
  }
}
