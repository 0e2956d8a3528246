import LowRankConsole
import PaperExperiments
import Testing

@Suite struct `Ranks that a figure shows` {
  @Test func `are all of a few, fewer of many, and always the last`() {
    #expect(sampledRanks(to: 1) == [1])
    #expect(sampledRanks(to: 8) == Array(1...8))
    #expect(sampledRanks(to: 11) == Array(1...8) + [11])
    #expect(sampledRanks(to: 64) == Array(1...8) + [12, 16, 24, 32, 48, 64])
    #expect(sampledRanks(to: 4096).count == 26)
  }
}

@Suite struct `A table of text` {
  @Test func `has its columns below each other`() {
    #expect(
      TextTable([["", "r = 1"], ["Wq, Wv", "1.5"]]).lines == ["        r = 1", "Wq, Wv    1.5"])
  }
}
