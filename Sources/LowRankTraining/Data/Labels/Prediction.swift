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
  /// - Parameter threshold: the probability above which a row has a label, where it may have several.
  /// - Throws: `DataError` where that is not finite.
  public init(
    _ logits: [Double], _ task: LabelledTask, threshold: Double = 0.5
  ) throws(DataError) {
    guard logits.allSatisfy(\.isFinite) else {
      throw DataError(
        "the classifier",
        "an output is not finite; the weights hold a number that is not finite, or one too large")
    }
    self.task = task
    switch task.task {
    case .classification, .imageClassification:
      let greatest = logits.max() ?? 0
      let weights = logits.map { exp($0 - greatest) }
      let sum = weights.reduce(0, +)
      probabilities = weights.map { $0 / sum }
    case .multilabel: probabilities = logits.map { 1 / (1 + exp(-$0)) }
    case .regression, .causal: probabilities = []
    }
    let isUsual = task.task != .multilabel || threshold == 0.5
    target =
      isUsual
      ? LabelTarget(deciding: task.task, from: logits)
      : .classes(probabilities.indices.filter { [probabilities] in probabilities[$0] > threshold })
  }

  /// The label: the name of a class, a list of names, or a number.
  public var label: JSONValue {
    switch target {
    case .classIndex(let index): .string(name(index))
    case .classes(let indices): .array(indices.map { .string(name($0)) })
    case .number(let value): .double(value)
    }
  }

  /// The probability of the label, or of each of several; nil for a number.
  public var probability: JSONValue? {
    switch target {
    case .classIndex(let index): .double(probabilities[index])
    case .classes(let indices): .array(indices.map { .double(probabilities[$0]) })
    case .number: nil
    }
  }

  /// The most probable classes with their probabilities, the most probable first, the first of equal ones.
  public func top(_ count: Int) -> [(label: String, probability: Double)] {
    probabilities.indices.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
      .prefix(count).map { (name($0), probabilities[$0]) }
  }

  /// The probability of every class, by its name; nil for a number.
  public var table: JSONObject? {
    guard !probabilities.isEmpty else { return nil }
    return JSONObject(probabilities.enumerated().map { (name($0), .double($1)) })
  }

  /// The prediction with the number of its row, counted from 1: `label` is a class, a list of labels, or a number.
  public func json(row: Int) -> JSONObject {
    var json: JSONObject = ["row": .integer(row), "label": label]
    if let table { json["probabilities"] = .object(table) }
    return json
  }

  private func name(_ index: Int) -> String { task.labels?[index] ?? "\(index)" }
}
