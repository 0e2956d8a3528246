import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `Generation` {
  private let prompts: [[Int32]] = [[1, 2, 3], [4], [5, 6, 7, 8, 9]]

  private func texts(
    _ model: Model, _ prompts: [[Int32]], stops: Set<Int32> = []
  ) throws -> [[Int32]] {
    var generator = Generator(model, prompts: prompts, stops: stops, maxTokens: 6)
    while try generator.advance() {}
    return generator.sequences.map(\.tokens)
  }

  /// Greedy continuation without a cache: the whole sequence is computed anew for each token.
  private func recomputed(_ model: Model, _ prompt: [Int32]) -> [Int32] {
    var ids = prompt
    for _ in 0..<6 {
      let logits = model.engine.floats(model.logits(ids))
      let last = logits.suffix(model.architecture.vocabularySize)
      let best = last.indices.max { last[$0] < last[$1] } ?? last.startIndex
      ids.append(Int32(best - last.startIndex))
    }
    return Array(ids.dropFirst(prompt.count))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `of a set equals that of each sequence computed anew`(seed: UInt64) throws {
    var seen: Set<Int32> = []
    for model in [
      try TinyModels.gpt2(on: CPUEngine(), seed: seed),
      try TinyModels.llama(on: CPUEngine(), seed: seed),
    ] {
      let expected = prompts.map { recomputed(model, $0) }
      #expect(try texts(model, prompts) == expected)
      seen.formUnion(expected.joined())
    }
    #expect(seen.count > 1)
  }

  @Test func `ends at any of the stops, which are not part of it`() throws {
    let model = try TinyModels.llama(on: CPUEngine())
    let whole = try texts(model, prompts)
    let stops: Set<Int32> = [whole[0][2], whole[2][1]]
    let expected = whole.map { Array($0.prefix { !stops.contains($0) }) }
    #expect(try texts(model, prompts, stops: stops) == expected)
    #expect(expected[0].count < 6)
  }

  @Test func `with a seed is repeatable, with another differs`() throws {
    let model = try TinyModels.llama(on: CPUEngine())
    func sampled(_ seed: UInt64) throws -> [[Int32]] {
      var generator = Generator(
        model, prompts: prompts, sampling: Sampling(temperature: 3), stops: [], maxTokens: 10,
        seed: seed)
      while try generator.advance() {}
      return generator.sequences.map(\.tokens)
    }
    #expect(try sampled(1) == sampled(1))
    #expect(try sampled(1) != sampled(2))
  }
}
