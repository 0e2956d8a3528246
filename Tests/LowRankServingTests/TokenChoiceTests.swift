import Foundation
import LowRank
import LowRankServing
import Testing

@Suite struct `A token of a request` {
  private let probabilities: [Float] = [0.1, 0.4, 0.05, 0.3, 0.15]

  private func rule(_ change: (inout SamplingRule) -> Void) -> SamplingRule {
    var rule = SamplingRule()
    change(&rule)
    return rule
  }

  /// Whether frequencies of many draws are those of the weights, within four standard deviations.
  private func expect(_ rule: SamplingRule, _ weights: [Double]) {
    var random = Philox(key: 7)
    let logits = probabilities.map { log($0) }
    var counts = [Double](repeating: 0, count: logits.count)
    logits.withUnsafeBufferPointer { logits in
      for _ in 0..<20_000 {
        counts[TokenChoice(rule: rule).token(from: logits, &random)] += 1
      }
    }
    let total = weights.reduce(0, +)
    for (count, weight) in zip(counts, weights) {
      let p = weight / total
      #expect(abs(count / 20_000 - p) <= 4 * (p * (1 - p) / 20_000).squareRoot(), "\(rule)")
    }
  }

  @Test func `follows temperature, top-k, top-p and min-p`() {
    expect(rule { _ in }, [0.1, 0.4, 0.05, 0.3, 0.15])
    expect(rule { $0.temperature = 2 }, probabilities.map { Double($0).squareRoot() })
    expect(rule { $0.topK = 2 }, [0, 0.4, 0, 0.3, 0])
    expect(rule { $0.topK = 9 }, [0.1, 0.4, 0.05, 0.3, 0.15])
    expect(rule { $0.topP = 0.5 }, [0, 0.4, 0, 0.3, 0])
    expect(rule { $0.topP = 0.8 }, [0, 0.4, 0, 0.3, 0.15])
    expect(rule { $0.topP = 0.01 }, [0, 1, 0, 0, 0])
    expect(rule { $0.minP = 0.3 }, [0, 0.4, 0, 0.3, 0.15])
    expect(
      rule { ($0.topK, $0.topP) = (3, 0.6) }, [0, 0.4, 0, 0.3, 0])
  }

  /// The tokens that a rule keeps, by sorting the whole vocabulary.
  private func sorted(_ rule: SamplingRule, _ logits: [Float]) -> Set<Int> {
    var order = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
    if let k = rule.topK { order = Array(order.prefix(k)) }
    let largest = logits[order[0]]
    let weights = order.map { exp(Double(logits[$0] - largest)) }
    let total = weights.reduce(0, +)
    var sum = 0.0
    var kept: Set<Int> = []
    for (token, weight) in zip(order, weights) {
      kept.insert(token)
      sum += weight
      if sum >= Double(rule.topP) * total { break }
    }
    return kept
  }

  @Test func `is one of those that sorting the vocabulary keeps`() {
    var random = Philox(key: 3)
    let logits = (0..<5000).map { _ in 3 * Float(random.normal()) }
    let rules = [
      rule { $0.topK = 17 }, rule { $0.topP = 0.3 }, rule { ($0.topK, $0.topP) = (400, 0.9) },
    ]
    for rule in rules {
      let kept = sorted(rule, logits)
      var seen: Set<Int> = []
      logits.withUnsafeBufferPointer { logits in
        for _ in 0..<2000 {
          seen.insert(TokenChoice(rule: rule).token(from: logits, &random))
        }
      }
      #expect(seen.isSubset(of: kept), "\(rule)")
      #expect(seen.count > kept.count / 3, "\(rule)")
    }
  }

  @Test func `is the first of the greatest without a temperature`() {
    var random = Philox(key: 0)
    var logits = [Float](repeating: 1, count: 9000)
    (logits[5000], logits[8000]) = (3, 3)
    logits.withUnsafeBufferPointer { logits in
      #expect(TokenChoice(rule: .greedy).token(from: logits, &random) == 5000)
    }
  }

  @Test func `is penalized and biased`() {
    var logits: [Float] = [1, 2, -3, 4]
    logits.withUnsafeMutableBufferPointer { logits in
      TokenChoice(
        rule: rule {
          ($0.presencePenalty, $0.frequencyPenalty, $0.repetitionPenalty) = (0.5, 0.25, 2)
          $0.logitBias = [0: 10, 9: 1]
        }
      ).change(logits, added: [3: 2]) { [1, 2, 3] }
    }
    #expect(logits == [11, 1, -6, 1])
  }
}
