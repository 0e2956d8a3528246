import LowRank
import LowRankConsole
import Testing

/// The line of work at moments that a test chooses, so that no clock is waited for.
@Suite struct `The time left of work` {
  private static func line(_ works: [Work], after seconds: Double) throws -> String {
    WorkLine(works).line(at: try #require(works.first).start + .seconds(seconds)).text
  }

  /// What the line says is left; nil where it says nothing.
  private static func left(_ works: [Work], after seconds: Double) throws -> String? {
    try line(works, after: seconds).firstMatch(of: /([0-9:]+) left/).map { String($0.1) }
  }

  @Test func `stands behind what is done and how fast`() throws {
    let work = Work("evaluating", of: 20, .rows)
    work.advance(by: 8)
    #expect(
      try Self.line([work], after: 8) == "evaluating  8 of 20 rows  1.0 rows/s  0:12 left")
    let bytes = Work("fetching", of: 4_000_000, .bytes)
    bytes.advance(by: 1_000_000)
    #expect(
      try Self.line([bytes], after: 5) == "fetching  1.0 MB of 4.0 MB  200 kB/s  0:15 left")
  }

  /// At two seconds a row, the rows that are left take two seconds each.
  @Test func `falls by the time that passes where the rate is constant`() throws {
    let work = Work("evaluating", of: 100, .rows)
    for done in 1...100 {
      work.advance()
      let seconds = 2 * (100 - done)
      let expected = "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
      #expect(try Self.left([work], after: 2 * Double(done)) == expected, "\(done) rows")
    }
  }

  @Test(arguments: [
    (1, 4, 3600.0, "3:00:00"), (1, 2, 59.6, "1:00"), (1, 2, 3599.6, "1:00:00"),
    (99, 100, 9.9, "0:00"), (3, 3, 5, "0:00"), (7, 5, 5, "0:00"), (1, 3, 31.5, "1:03"),
  ])
  func `is in minutes and seconds, with hours where there are any`(
    done: Int, total: Int, seconds: Double, expected: String
  ) throws {
    let work = Work("evaluating", of: total, .rows)
    work.advance(by: done)
    #expect(try Self.left([work], after: seconds) == expected)
  }

  @Test func `is unknown until something is done, a second over and the size known`() throws {
    let work = Work("evaluating", of: 20, .rows)
    #expect(try Self.line([work], after: 60) == "evaluating  0 of 20 rows")
    work.advance()
    #expect(try Self.left([work], after: 0.9) == nil)
    #expect(try Self.left([work], after: 1) == "0:19")
    let endless = Work("reading")
    endless.advance(by: 30)
    #expect(try Self.line([endless], after: 60) == "reading  30 rows  2.0 s/row")
  }

  /// One of four modules and half of the second are three eighths: six of sixteen seconds.
  @Test func `counts what is done of inner work`() throws {
    let outer = Work("merging", of: 4, .modules)
    let inner = Work("comparing", of: 10, .rows)
    #expect(try Self.left([outer, inner], after: 6) == nil)
    outer.advance()
    #expect(try Self.left([outer, inner], after: 6) == "0:18")
    inner.advance(by: 5)
    #expect(try Self.left([outer, inner], after: 6) == "0:10")
    // Inner work of unknown size counts for nothing until it is done.
    #expect(try Self.left([outer, Work("comparing")], after: 6) == "0:18")
  }
}
