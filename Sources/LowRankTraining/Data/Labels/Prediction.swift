import Foundation
import LowRankCheckpoints

/// What a classifier says of one sequence, with how sure it is.
public struct Prediction: Hashable, Sendable {
  /// What it says.
  public let target: LabelTarget
  /// The probability of each class; empty for a number.
  public let probabilities: [Double]
  private let task: LabelledTask

  /// Reads what the head put out: softmax over classes that exclude each other, a sigmoid for each label.
  ///
  /// - Throws: `DataError` where that is not finite.
  public init(_ logits: [Double], _ task: LabelledTask) throws(DataError) {
    guard logits.allSatisfy(\.isFinite) else {
      throw DataError(
        "the classifier",
        "an output is not finite; the weights hold a number that is not finite, too")
    }
    self.task = task
    target = LabelTarget(deciding: task.task, from: logits)
    switch task.task {
    case .classification:
      let greatest = logits.max() ?? 0
      let weights = logits.map { exp($0 - greatest) }
      let sum = weights.reduce(0, +)
      probabilities = weights.map { $0 / sum }
    case .multilabel: probabilities = logits.map { 1 / (1 + exp(-$0)) }
    case .regression, .causal: probabilities = []
    }
  }

  /// The prediction with the number of its row, counted from 1: `label` is a class, a list of labels, or a number.
  public func json(row: Int) -> JSONObject {
    var json: JSONObject = ["row": .integer(row)]
    let labels = task.labels
    switch target {
    case .classIndex(let index): json["label"] = .string(labels?[index] ?? "\(index)")
    case .classes(let indices):
      json["label"] = .array(indices.map { .string(labels?[$0] ?? "\($0)") })
    case .number(let value): json["label"] = .double(value)
    }
    guard !probabilities.isEmpty else { return json }
    var table = JSONObject()
    for (index, probability) in probabilities.enumerated() {
      table[labels?[index] ?? "\(index)"] = .double(probability)
    }
    json["probabilities"] = .object(table)
    return json
  }
}
