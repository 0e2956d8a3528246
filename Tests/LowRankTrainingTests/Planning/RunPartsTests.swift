import LowRankTraining
import Testing

@Suite struct `The parts of a run` {
  private let set = ExampleSet(
    (0..<37).map { row in
      Example(
        ids: (0..<3 + Int32(row * 7 % 23)).map { $0 }, trained: [1..<2])
    }, source: "rows")

  @Test(arguments: [nil, 1, 2, 3, 5])
  func `are those that its steps are made of, so the largest one is known`(limit: Int?) throws {
    let loader = try Loader(set, batchSize: 5, seed: 9)
    let (steps, accumulation) = (11, 3)
    var ahead = loader
    var parts: [[Int]] = []
    for _ in 0..<steps {
      let step = StepExamples(ahead.nextStep(of: accumulation), of: set)
      parts += step.share(of: 0, among: 1, atOnce: limit).map(\.examples)
    }
    func tokens(_ part: [Int]) -> Int { part.reduce(0) { $0 + set.inputTokens(of: $1) } }
    let found = RunParts(loader, steps: steps, accumulation: accumulation).largest(atOnce: limit)
    #expect(parts.contains(found[0]))
    #expect(tokens(found[0]) == parts.map(tokens).max())
    // The longest row is in one of them.
    let longest = found.flatMap { $0 }.map { set.inputTokens(of: $0) }.max()
    #expect(longest == parts.flatMap { $0 }.map { set.inputTokens(of: $0) }.max())
    #expect(found.count <= 2 && found.allSatisfy { parts.contains($0) })
  }

  @Test func `hold the examples that the run reads, and no others`() throws {
    let loader = try Loader(set, batchSize: 5, seed: 9)
    var ahead = loader
    let read = (0..<2).flatMap { _ in ahead.nextStep(of: 1).flatMap { $0 } }
    #expect(RunParts(loader, steps: 2, accumulation: 1).examples == read.sorted())
    let all = RunParts(loader, steps: 20, accumulation: 1).examples
    #expect(all == Array(0..<set.count))
  }

  @Test func `of an evaluation follow the file`() {
    let parts = RunParts(evaluating: set, batchSize: 8)
    let batches = SequentialBatches(set, batchSize: 8, atOnce: 3).map(\.sources)
    let largest = parts.largest(atOnce: 3)
    #expect(largest.allSatisfy { batches.contains($0) })
    #expect(parts.tokens(of: largest[0]) == batches.map { parts.tokens(of: $0) }.max())
  }
}
