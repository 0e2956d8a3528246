import Foundation
import LowRank

/// The choice of a token from the logits of one row.
///
/// No step sorts the vocabulary: top-k keeps a heap of k tokens, top-p finds the likelihood at which its share is reached by
/// counting tokens in bins and sorts the tokens of one bin only.
package struct TokenChoice {
  private let rule: SamplingRule

  /// A choice by a rule.
  package init(rule: SamplingRule) { self.rule = rule }

  /// Puts penalties and biases into a row.
  ///
  /// - Parameters:
  ///   - added: how often each token was added.
  ///   - seen: the tokens that occurred, the prompt's included; only asked for with a repetition penalty.
  package func change(
    _ logits: UnsafeMutableBufferPointer<Float>, added: [Int32: Int], seen: () -> Set<Int32>
  ) {
    if rule.repetitionPenalty != 1 {
      for token in seen() where Int(token) < logits.count {
        let logit = logits[Int(token)]
        logits[Int(token)] =
          logit > 0 ? logit / rule.repetitionPenalty : logit * rule.repetitionPenalty
      }
    }
    if rule.presencePenalty != 0 || rule.frequencyPenalty != 0 {
      for (token, count) in added {
        logits[Int(token)] -= rule.presencePenalty + rule.frequencyPenalty * Float(count)
      }
    }
    for (token, bias) in rule.logitBias where Int(token) < logits.count {
      logits[Int(token)] += bias
    }
  }

  /// Chooses a token.
  package func token(from logits: UnsafeBufferPointer<Float>, _ random: inout Philox) -> Int {
    let best = LogitRow(logits).greatest
    guard rule.temperature > 0 else { return best }
    let largest = logits[best]
    var kept = candidates(logits, largest: largest)
    kept = narrowed(kept, toShare: rule.topP)
    let total = kept.reduce(0.0) { $0 + Double($1.weight) }
    var rest = Double(random.uniform()) * total
    for candidate in kept {
      rest -= Double(candidate.weight)
      if rest < 0 { return candidate.token }
    }
    return kept.last?.token ?? best
  }

  private struct Candidate {
    let token: Int
    /// The probability times a factor that is the same for all.
    let weight: Float
  }

  /// The tokens that top-k and min-p keep, in order of their numbers.
  private func candidates(_ logits: UnsafeBufferPointer<Float>, largest: Float) -> [Candidate] {
    var least = -Float.infinity
    if rule.minP > 0 { least = largest + rule.temperature * log(rule.minP) }
    var ties = Int.max
    if let k = rule.topK, k < logits.count {
      let (bound, count) = Self.bound(of: k, logits)
      if bound >= least { (least, ties) = (bound, count) }
    }
    let inverse = 1 / rule.temperature
    var kept: [Candidate] = []
    for index in logits.indices where logits[index] >= least {
      if logits[index] == least {
        guard ties > 0 else { continue }
        ties -= 1
      }
      let weight = exp((logits[index] - largest) * inverse)
      if weight > 0 { kept.append(Candidate(token: index, weight: weight)) }
    }
    return kept
  }

  /// The k-th greatest logit, and how many of the tokens that have it are among the k.
  private static func bound(of k: Int, _ logits: UnsafeBufferPointer<Float>) -> (Float, Int) {
    // A heap whose first element is the least of the k greatest.
    var heap: [Float] = []
    heap.reserveCapacity(k)
    func sink(_ heap: inout [Float], from start: Int) {
      var place = start
      while true {
        var least = place
        for child in [2 * place + 1, 2 * place + 2]
        where child < heap.count && heap[child] < heap[least] { least = child }
        guard least != place else { return }
        heap.swapAt(place, least)
        place = least
      }
    }
    for index in logits.indices {
      if heap.count < k {
        heap.append(logits[index])
        if heap.count == k {
          for place in stride(from: k / 2, through: 0, by: -1) { sink(&heap, from: place) }
        }
      } else if logits[index] > heap[0] {
        heap[0] = logits[index]
        sink(&heap, from: 0)
      }
    }
    let bound = heap[0]
    return (bound, heap.count { $0 == bound })
  }

  /// The likeliest candidates whose weights reach a share of the sum, in order of their numbers.
  private func narrowed(_ candidates: [Candidate], toShare share: Float) -> [Candidate] {
    guard share < 1, candidates.count > 1 else { return candidates }
    // Bins of equal ratio: a weight w is in bin −log₂ w · 8.
    let bins = 1024
    func bin(_ weight: Float) -> Int { max(0, min(bins - 1, Int(-log2(weight) * 8))) }
    var sums = [Double](repeating: 0, count: bins)
    for candidate in candidates { sums[bin(candidate.weight)] += Double(candidate.weight) }
    let wanted = Double(share) * sums.reduce(0, +)
    var (sum, last) = (0.0, 0)
    while last < bins - 1, sum + sums[last] < wanted {
      sum += sums[last]
      last += 1
    }
    let crossing = candidates.filter { bin($0.weight) == last }
      .sorted { (-$0.weight, $0.token) < (-$1.weight, $1.token) }
    var taken: Set<Int> = []
    for candidate in crossing {
      taken.insert(candidate.token)
      sum += Double(candidate.weight)
      if sum >= wanted { break }
    }
    return candidates.filter { bin($0.weight) < last || taken.contains($0.token) }
  }
}
