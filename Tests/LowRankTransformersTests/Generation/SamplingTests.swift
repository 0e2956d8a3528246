import Foundation
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `A sampled token` {
  private let probabilities: [Float] = [0.1, 0.4, 0.05, 0.3, 0.15]

  /// How often each token is chosen in many draws.
  private func frequencies(_ sampling: Sampling, draws: Int = 20_000) -> [Double] {
    var random = Philox(key: 7)
    let logits = probabilities.map { log($0) }
    var counts = [Double](repeating: 0, count: logits.count)
    logits.withUnsafeBufferPointer { logits in
      for _ in 0..<draws { counts[Int(sampling.token(from: logits, &random))] += 1 }
    }
    return counts.map { $0 / Double(draws) }
  }

  /// Whether frequencies are those of the weights, within four standard deviations.
  private func expect(_ sampling: Sampling, _ weights: [Double]) {
    let total = weights.reduce(0, +)
    for (found, weight) in zip(frequencies(sampling), weights) {
      let p = weight / total
      #expect(abs(found - p) <= 4 * (p * (1 - p) / 20_000).squareRoot(), "\(sampling)")
    }
  }

  @Test func `follows the probabilities`() {
    expect(Sampling(temperature: 1), [0.1, 0.4, 0.05, 0.3, 0.15])
  }

  @Test func `is flatter at a higher temperature`() {
    expect(Sampling(temperature: 2), [0.1, 0.4, 0.05, 0.3, 0.15].map { Double($0).squareRoot() })
  }

  @Test func `is one of the k likeliest`() {
    expect(Sampling(temperature: 1, topK: 2), [0, 0.4, 0, 0.3, 0])
    expect(Sampling(temperature: 1, topK: 9), [0.1, 0.4, 0.05, 0.3, 0.15])
  }

  @Test func `is one of the likeliest that reach the probability together`() {
    expect(Sampling(temperature: 1, topP: 0.5), [0, 0.4, 0, 0.3, 0])
    expect(Sampling(temperature: 1, topP: 0.8), [0, 0.4, 0, 0.3, 0.15])
    expect(Sampling(temperature: 1, topP: 0.01), [0, 1, 0, 0, 0])
  }

  @Test func `is the first of the greatest without a temperature`() {
    var random = Philox(key: 0)
    let logits: [Float] = [1, 3, 2, 3]
    let token = logits.withUnsafeBufferPointer { Sampling.greedy.token(from: $0, &random) }
    #expect(token == 1)
  }
}
