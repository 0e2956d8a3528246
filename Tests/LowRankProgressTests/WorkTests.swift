import LowRankProgress
import LowRankTensors
import Synchronization
import Testing

/// Keeps what it is told.
private final class Follower: WorkFollower {
  let told = Mutex<[String]>([])

  func began(_ work: Work) {
    told.withLock { $0.append("\(work.activity) of \(work.total ?? -1)") }
  }
  func ended(_ work: Work) { told.withLock { $0.append("\(work.activity): \(work.done)") } }
}

@Suite struct `Work that is followed` {
  @Test func `is told when it begins and once when it ends`() {
    let follower = Follower()
    WorkFollowers.$current.withValue(follower) {
      let outer = Work("outer", of: 2, .modules)
      let inner = Work("inner")
      inner.advance(by: 3)
      inner.end()
      inner.end()
      outer.advance()
      outer.update(done: 5, of: 7)
      #expect(outer.total == 7)
      outer.end()
    }
    // Without a follower nobody is told.
    Work("unseen").end()
    #expect(
      follower.told.withLock { $0 } == ["outer of 2", "inner of -1", "inner: 3", "outer: 5"])
  }

  @Test func `is followed in tasks too`() async {
    let follower = Follower()
    let task = WorkFollowers.$current.withValue(follower) { Task { Work("in a task").end() } }
    await task.value
    #expect(follower.told.withLock { $0 } == ["in a task of -1", "in a task: 0"])
  }

  @Test func `is counted on all threads, also where a unit fails`() throws {
    struct Failure: Error {}
    let follower = Follower()
    try WorkFollowers.$current.withValue(follower) {
      let squares = try concurrentMap(100, "squaring", .rows) { $0 * $0 }
      #expect(squares[9] == 81)
      #expect(throws: Failure.self) {
        try concurrentMap(10, "failing") { if $0 == 4 { throw Failure() } }
      }
    }
    #expect(
      follower.told.withLock { $0 } == [
        "squaring of 100", "squaring: 100", "failing of 10", "failing: 10",
      ])
  }
}
