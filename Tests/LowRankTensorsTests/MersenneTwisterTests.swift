import LowRankTensors
import Testing

@Suite struct `The Mersenne Twister` {
  @Test func `has the number that the C++ standard demands`() {
    var random = MersenneTwister(seed: 5489)
    for _ in 1..<10_000 { _ = random.nextWord() }
    #expect(random.nextWord() == 4_123_659_995)
  }

  @Test func `has the numbers of torch's generator`() {
    // torch.empty(4).uniform_(-0.5, 0.5, generator=torch.Generator().manual_seed(5))
    var random = MersenneTwister(seed: 5)
    let numbers = (0..<4).map { _ in random.uniform(from: -0.5, to: 0.5) }
    let expected: [Float] = [0.330_251_87, -0.373_889_1, 0.407_469_7, 0.319_927_04]
    #expect(zip(numbers, expected).allSatisfy { abs($0 - $1) < 1e-7 })
    // Torch takes the lower half of a longer seed.
    var long = MersenneTwister(seed: 1 << 40 + 5)
    var short = MersenneTwister(seed: 5)
    #expect((0..<700).allSatisfy { _ in long.nextWord() == short.nextWord() })
  }
}
