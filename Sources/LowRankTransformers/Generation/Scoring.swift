import Foundation
import LowRankTensors

/// What a model thinks of given tokens.
public struct Scoring: Sendable {
  /// The tokens.
  public let ids: [Int32]
  /// The logits of each position, f32 `[tokens, vocabulary]`.
  public let logits: Tensor
  /// The natural logarithm of each token's probability after those before it; nil for the first.
  public let logProbabilities: [Double?]

  /// Scores one sequence of at least one token.
  public init(_ model: Model, _ ids: [Int32], adapters: AdapterSelection = .none) {
    self.ids = ids
    logits = model.logits(ids, adapters: adapters)
    let numbers = model.engine.floats(logits)
    let width = model.architecture.vocabularySize
    logProbabilities =
      [nil]
      + ids.indices.dropFirst().map { index in
        let row = numbers[(index - 1) * width..<index * width]
        let greatest = Double(row.max() ?? 0)
        let sum = row.reduce(0.0) { $0 + exp(Double($1) - greatest) }
        return Double(row[row.startIndex + Int(ids[index])]) - greatest - log(sum)
      }
  }
}
