import LowRankTensors
import LowRankTraining
import Testing

@Suite struct `The examples of a step` {
  private func set(_ lengths: [Int]) -> ExampleSet {
    // The last token of an example has no row.
    ExampleSet(
      lengths.map { Example(ids: [Int32](repeating: 1, count: $0 + 1), trained: [1..<$0 + 1]) },
      source: "examples")
  }

  @Test func `are shared out without overlap or loss, none with more tokens than must be`() {
    var random = Philox(key: 8)
    for world in [1, 2, 3, 4, 7, 40] {
      for _ in 0..<20 {
        let lengths = (0..<13).map { _ in 1 + random.integer(below: 60) }
        let step = StepExamples(
          [[3, 1, 2], [0, 5, 4, 6, 7], [12], [8, 9, 10, 11]], of: set(lengths))
        let shares = (0..<world).map { step.share(of: $0, among: world) }
        #expect(
          shares.flatMap { $0 }.flatMap(\.examples) == [3, 1, 2, 0, 5, 4, 6, 7, 12, 8, 9, 10, 11])
        let greatest = shares.map { $0.flatMap(\.examples).reduce(0) { $0 + lengths[$1] } }.max()
        #expect(
          greatest
            == leastGreatest([3, 1, 2, 0, 5, 4, 6, 7, 12, 8, 9, 10, 11].map { lengths[$0] }, world))
      }
    }
  }

  /// The same by trying out all ways to cut, from the end.
  private func leastGreatest(_ costs: [Int], _ world: Int) -> Int {
    var best = (0...costs.count).map { $0 == costs.count ? 0 : Int.max }
    for _ in 0..<world {
      best = (0...costs.count).map { start in
        var (sum, least) = (0, start == costs.count ? 0 : Int.max)
        for end in start..<costs.count {
          sum += costs[end]
          least = min(least, max(sum, best[end + 1]))
        }
        return least
      }
    }
    return best[0]
  }

  @Test func `know what stands before them in their micro-batch`() {
    let step = StepExamples([[0, 1, 2, 3], [4, 5]], of: set([5, 2, 7, 1, 3, 3]))
    #expect(step.inputTokens == 21)
    // 14 and 7 tokens; 7 and 14 would be the other best way.
    #expect(step.share(of: 0, among: 2).map(\.examples) == [[0, 1, 2]])
    let second = step.share(of: 1, among: 2)
    #expect(second.map(\.examples) == [[3], [4, 5]])
    #expect(second.map(\.rowsBefore) == [14, 0] && second.map(\.sequencesBefore) == [3, 0])
    let single = step.share(of: 0, among: 1, atOnce: 1)
    #expect(single.map(\.examples) == [[0], [1], [2], [3], [4], [5]])
    #expect(single.map(\.rowsBefore) == [0, 5, 7, 14, 0, 3])
    #expect(single.map(\.microbatch) == [0, 0, 0, 0, 1, 1])
  }

  @Test func `of packs count their sequences`() {
    let packed = set([4, 4, 4, 4]).packed(capacity: 8, seed: 1)
    let parts = StepExamples([[0, 1]], of: packed).share(of: 0, among: 1, atOnce: 1)
    #expect(parts.map(\.sequencesBefore) == [0, 2])
    #expect(parts.map(\.rowsBefore) == [0, 8])
  }
}
