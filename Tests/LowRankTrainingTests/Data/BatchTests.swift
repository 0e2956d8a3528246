import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `A batch` {
  let examples = [
    Example(ids: [1, 2, 3], trained: [0..<3]),
    Example(ids: [4, 5, 6, 7, 8], trained: [1..<2, 4..<5]),
    Example(ids: [9, 10], trained: [1..<2]),
  ]

  @Test func `lays examples end to end without their last tokens`() {
    let batch = Batch(examples, at: [1, 0])
    #expect(batch.ids == [4, 5, 6, 7, 1, 2])
    #expect(batch.inputTokens == 6)
    #expect(batch.rows.segments == [0..<4, 4..<6])
    #expect(batch.rows.positions == [0, 1, 2, 3, 0, 1])
    #expect(batch.sources == [1, 0])
  }

  @Test func `labels rows with the next token where that is trained`() {
    let batch = Batch(examples, at: [2, 1, 0])
    #expect(batch.labelRows == [0, 1, 4, 5, 6])
    #expect(batch.labels == [10, 5, 8, 2, 3])
  }

  @Test func `may be empty`() {
    let batch = Batch(examples, at: [])
    #expect(batch.ids.isEmpty)
    #expect(batch.rows.count == 0)
  }

  @Test(arguments: [1, 2, 3, 4])
  func `of an evaluation follows the file and leaves nothing out`(size: Int) {
    let set = ExampleSet(examples, source: "examples")
    let sources = SequentialBatches(set, batchSize: size).map(\.sources)
    #expect(sources.flatMap { $0 } == [0, 1, 2])
    #expect(sources.dropLast().allSatisfy { $0.count == size })
  }

  @Test(arguments: [1, 2, 3, 7])
  func `of an evaluation is divided where fewer examples are to be computed at once`(limit: Int) {
    let set = ExampleSet(
      (0..<23).map { Example(ids: [$0, 1, 2], trained: [0..<3]) }, source: "examples")
    for world in [1, 3] {
      var seen: [Int] = []
      for rank in 0..<world {
        let parts = SequentialBatches(set, batchSize: 7, rank: rank, world: world, atOnce: limit)
          .map(\.sources)
        #expect(parts.allSatisfy { (1...limit).contains($0.count) })
        // No part reaches into another batch, of which each process takes its own.
        #expect(parts.allSatisfy { Set($0.map { $0 / 7 }).count == 1 })
        #expect(parts.allSatisfy { $0[0] / 7 % world == rank })
        seen += parts.flatMap { $0 }
      }
      #expect(seen.sorted() == Array(0..<23))
    }
  }
}
