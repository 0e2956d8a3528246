import LowRankTraining
import Testing

@Suite struct `A loader` {
  private let set = ExampleSet(
    (0..<23).map { Example(ids: [$0, $0 + 1], trained: [1..<2]) }, source: "examples")

  /// The examples of one epoch, batch by batch.
  private func epoch(_ loader: inout Loader) -> [[Int]] {
    (0..<loader.batchesPerEpoch).map { _ in loader.next().sources }
  }

  @Test(arguments: [1, 4, 23, 40])
  func `hands out every example once in an epoch, the last batch smaller`(size: Int) throws {
    var loader = try Loader(set, batchSize: size, seed: 7)
    for number in 1...3 {
      let batches = epoch(&loader)
      #expect(batches.flatMap { $0 }.sorted() == Array(0..<23))
      #expect(batches.dropLast().allSatisfy { $0.count == size })
      #expect(loader.position == LoaderPosition(epoch: number, index: 0))
    }
  }

  @Test func `orders each epoch and each seed differently, and always alike`() throws {
    var (one, again) = (
      try Loader(set, batchSize: 4, seed: 7), try Loader(set, batchSize: 4, seed: 7)
    )
    var other = try Loader(set, batchSize: 4, seed: 8)
    let (first, second) = (epoch(&one), epoch(&one))
    #expect(first != second)
    #expect(epoch(&again) == first)
    #expect(epoch(&other) != first)
    #expect(epoch(&again) == second)
  }

  @Test func `follows the file without a seed`() throws {
    var loader = try Loader(set, batchSize: 23, seed: nil)
    #expect(epoch(&loader) == [Array(0..<23)])
    #expect(epoch(&loader) == [Array(0..<23)])
  }

  @Test func `continues from every position as if it had never stopped`() throws {
    var loader = try Loader(set, batchSize: 4, seed: 7)
    for _ in 0..<15 {
      var resumed = try Loader(set, batchSize: 4, seed: 7, from: loader.position)
      #expect(resumed.next().sources == loader.next().sources)
      #expect(resumed.position == loader.position)
    }
  }

  @Test(arguments: [1, 2, 4, 7])
  func `continues after every step, also the short one at the end of an epoch`(
    accumulation: Int
  ) throws {
    var loader = try Loader(set, batchSize: 4, seed: 7)
    #expect(
      loader.stepsPerEpoch(accumulation: accumulation) == (6 + accumulation - 1) / accumulation)
    for _ in 0..<3 {
      var seen: [Int] = []
      for _ in 0..<loader.stepsPerEpoch(accumulation: accumulation) {
        var resumed = try Loader(set, batchSize: 4, seed: 7, from: loader.position)
        let step = loader.nextStep(of: accumulation)
        #expect(resumed.nextStep(of: accumulation) == step)
        seen += step.flatMap { $0 }
      }
      #expect(seen.sorted() == Array(0..<23))
    }
  }

  @Test func `refuses a position that the data does not have`() {
    #expect(
      message { try Loader(set, batchSize: 4, seed: 7, from: LoaderPosition(epoch: 1, index: 23)) }
        == """
        examples: the run to continue stood at example 23, but there are 23; \
        continue with the data it began with
        """)
  }
}
