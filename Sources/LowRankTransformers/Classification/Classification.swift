import Foundation
import LowRankCheckpoints

/// What a classifier decides between: its classes by name, and how they exclude each other.
public struct Classification: Hashable, Sendable {
  /// How the numbers of the head are read, by transformers' `problem_type`.
  public enum Problem: String, Hashable, Sendable, CaseIterable {
    /// Each number is a quantity.
    case regression
    /// The classes exclude each other: softmax.
    case singleLabel = "single_label_classification"
    /// Each class is there or not: a sigmoid each.
    case multiLabel = "multi_label_classification"
  }

  /// The name of each class, or of each quantity.
  public var labels: [String]
  /// How the numbers of the head are read.
  public var problem: Problem
  /// The class of transformers whose head it is; nil for the one that the configuration names.
  public var className: String?

  /// Classes by name.
  public init(labels: [String], problem: Problem) {
    precondition(!labels.isEmpty, "a classifier has at least one output")
    self.labels = labels
    self.problem = problem
  }

  /// Classes without names of their own: transformers' `LABEL_0`, `LABEL_1`, ….
  public init(count: Int, problem: Problem) {
    self.init(labels: (0..<count).map { "LABEL_\($0)" }, problem: problem)
  }

  /// Whether the classes have no names of their own, but transformers' `LABEL_0`, `LABEL_1`, ….
  public var isUnnamed: Bool {
    labels == Classification(count: labels.count, problem: problem).labels
  }

  /// Whether a head for these classes also fits others, which have the same names in the same order.
  ///
  /// Case and surrounding white space are ignored, and the name `1` matches `LABEL_1` of an unnamed class 1.
  public func isHead(of other: Classification) -> Bool {
    guard problem == other.problem, labels.count == other.labels.count else { return false }
    return zip(labels, other.labels).enumerated().allSatisfy { number, pair in
      let names = [pair.0, pair.1].map {
        $0.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
      }
      return names[0] == names[1] || Set(names) == ["\(number)", "label_\(number)"]
    }
  }

  /// Reads `id2label` (or `num_labels`; two classes by default) and `problem_type` of a configuration.
  ///
  /// Without `problem_type`, one label is a regression and several exclude each other, as in transformers.
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that makes no sense.
  public init(_ config: some JSONFields) throws {
    let labels: [String]
    if let table = try config.optionalObject("id2label") {
      let count = table.allKeys.count
      try config.check(count > 0, "id2label", "empty", "at least one label")
      labels = try (0..<count).map { try table.string("\($0)") }
    } else {
      let count = try config.positive("num_labels", default: 2, atMost: 1 << 20)
      labels = (0..<count).map { "LABEL_\($0)" }
    }
    let name = try config.optionalString("problem_type")
    let problem = name.flatMap(Problem.init(rawValue:))
    try config.check(
      name == nil || problem != nil, "problem_type", "\"\(name ?? "")\"",
      "one of " + Problem.allCases.map(\.rawValue).joined(separator: ", "))
    self.init(
      labels: labels, problem: problem ?? (labels.count == 1 ? .regression : .singleLabel))
  }

  /// The keys of a configuration that say this.
  public var json: JSONObject {
    var names = JSONObject()
    var numbers = JSONObject()
    for (index, label) in labels.enumerated() {
      names["\(index)"] = .string(label)
      numbers[label] = .integer(index)
    }
    var json: JSONObject = [
      "id2label": .object(names), "label2id": .object(numbers),
      "problem_type": .string(problem.rawValue),
    ]
    if let className { json["architectures"] = [.string(className)] }
    return json
  }
}
