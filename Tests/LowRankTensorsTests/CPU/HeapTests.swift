import Foundation
import LowRankTensors
import Testing

@Suite struct `The heap of a program` {
  /// What oneDNN allocates and frees in a product.
  private let size = 6 << 20

  @Test func `hands out blocks of several megabytes again without fresh pages`() throws {
    Heap.settle()
    // RUSAGE_THREAD of Linux.
    let thread: Int32 = 1
    var (before, after) = (rusage(), rusage())
    getrusage(thread, &before)
    for number in 0..<100 {
      let block = try #require(malloc(size))
      memset(block, Int32(number), size)
      free(block)
    }
    getrusage(thread, &after)
    // Fresh pages for each block would be 150,000 faults.
    #expect(after.ru_minflt - before.ru_minflt < 30_000)
  }
}
