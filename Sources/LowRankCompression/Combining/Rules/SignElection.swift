/// TIES' vote: each element takes one sign, and the tensors that have it are averaged (arXiv 2306.01708).
///
/// The sign is that of the sum of the values, or of the sum of their signs; plus where it is zero. With the tensors that
/// agree, zeros never among them, `t = Σ wᵢ tᵢ / max(1, their number)`.
public enum SignElection: String, Hashable, Sendable, CaseIterable {
  /// Values vote.
  case total
  /// Signs vote.
  case frequency

  func merged(_ tensors: [[Float]], weights: [Double]) -> [Double] {
    (0..<(tensors.first?.count ?? 0)).map { index in
      var vote = 0.0
      for tensor in tensors {
        let value = Double(tensor[index])
        vote += self == .total ? value : value > 0 ? 1 : value < 0 ? -1 : 0
      }
      var (sum, count) = (0.0, 0)
      for (tensor, weight) in zip(tensors, weights) {
        let value = Double(tensor[index])
        guard vote >= 0 ? value > 0 : value < 0 else { continue }
        sum += weight * value
        count += 1
      }
      return sum / Double(max(1, count))
    }
  }
}
