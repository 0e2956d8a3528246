import LowRankCompression
import LowRankTensors
import Testing

@Suite struct `A merge of elements` {
  // Hand-computed: of six elements, density 0.5 keeps the three largest of each.
  private let tensors: [[Float]] = [[4, -3, 1, 0.5, -2, 0], [-1, -2, 3, 0.25, 5, -0.5]]

  @Test func `of TIES trims, elects and averages over those that agree`() {
    // Trimmed: [4 −3 0 0 −2 0] and [0 −2 3 0 5 0]; the sums' signs are + − + + + +.
    let rule = MergeRule(.magnitude(density: 0.5), election: .total)
    #expect(rule.merged(tensors, weights: [1, 1]) == [4, -2.5, 3, 0, 5, 0])
    // Weights come after the vote: a negative one does not turn it.
    #expect(rule.merged(tensors, weights: [2, -1]) == [8, (2 * -3 + 2) / 2, -3, 0, -5, 0])
    // By signs, the fifth elements draw, which is plus.
    let frequency = MergeRule(.magnitude(density: 0.5), election: .frequency)
    #expect(frequency.merged(tensors, weights: [1, 1]) == [4, -2.5, 3, 0, 5, 0])
    let three: [[Float]] = [[5], [-1], [-2]]
    #expect(MergeRule(election: .total).merged(three, weights: [1, 1, 1]) == [5])
    #expect(MergeRule(election: .frequency).merged(three, weights: [1, 1, 1]) == [-1.5])
  }

  @Test func `of magnitudes keeps as many as the density says, of equal ones the first`() {
    let rule = MergeRule(.magnitude(density: 0.5))
    #expect(rule.merged(tensors, weights: [1, 10]) == [4, -23, 30, 0, 48, 0])
    let equal: [[Float]] = [[2, -2, 2, 2]]
    #expect(rule.merged(equal, weights: [1]) == [2, -2, 0, 0])
    #expect(MergeRule(.magnitude(density: 0.2)).merged(equal, weights: [1]) == [0, 0, 0, 0])
    #expect(MergeRule(.magnitude(density: 1)).merged(equal, weights: [1]) == [2, -2, 2, 2])
  }

  @Test func `of DARE drops at random by the seed and divides by the density`() {
    let ones: [[Float]] = [Array(repeating: 1, count: 4000)]
    let rule = MergeRule(.random(density: 0.25, seed: 7))
    let merged = rule.merged(ones, weights: [1])
    #expect(Set(merged) == [0, 4])
    #expect(abs(merged.reduce(0, +) / 4000 - 1) < 0.1)
    #expect(rule.merged(ones, weights: [1]) == merged)
    #expect(MergeRule(.random(density: 0.25, seed: 8)).merged(ones, weights: [1]) != merged)
    #expect(rule.merged(ones, weights: [1]) { _ in 3 } != merged)
    // Tensors of one merge are dropped apart from each other.
    let both = rule.merged([ones[0], ones[0]], weights: [1, 1])
    #expect(Set(both) == [0, 4, 8])
    #expect(
      MergeRule(.random(density: 1, seed: 7)).merged(ones, weights: [1]).allSatisfy { $0 == 1 })
  }

  @Test func `draws its mask from the stream of path, part and adapter`() {
    let key = RandomMask.key(path: "a.b", part: "A", adapter: 1)
    // FNV-1a of "a.b/A/1".
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "a.b/A/1".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    #expect(key == hash)
    var random = Philox(key: 5, stream: key)
    let kept = (0..<50).map { _ in random.uniform() < 0.5 }
    let merged = MergeRule(.random(density: 0.5, seed: 5))
      .merged([Array(repeating: 1, count: 50)], weights: [1]) { _ in key }
    #expect(merged.map { $0 > 0 } == kept)
  }
}
