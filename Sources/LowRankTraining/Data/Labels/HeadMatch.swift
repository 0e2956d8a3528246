import Foundation
import LowRankCheckpoints
import LowRankTransformers

/// The result of matching the labels of rows with the classes of a trained head.
///
/// Classes are matched by their names, never by the order in which the rows' labels would be numbered. If the names
/// match, the head and its order are kept; otherwise the output layer is reinitialized.
public struct HeadMatch: Sendable {
  /// The classes to train; nil for regression.
  public let labels: LabelMap?
  /// Whether the head is for these classes.
  public let keepsHead: Bool
  /// A note on how labels were matched, or why they were not.
  public let note: String?

  /// Creates the result for labels without a trained head.
  public init(withoutHead labels: LabelMap?) {
    (self.labels, keepsHead, note) = (labels, false, nil)
  }

  /// Matches the labels of rows with the classes of a head.
  ///
  /// - Parameters:
  ///   - rows: the training rows.
  ///   - collected: their labels, as they would be numbered without a head; nil for regression.
  ///   - head: the classes of the head.
  ///   - owner: the model or adapter that has the head, for messages.
  public init(_ rows: LabelledRows, _ collected: LabelMap?, head: Classification, of owner: String)
  {
    func anew(_ reason: String) -> (LabelMap?, Bool, String?) {
      (collected, false, "the head of \(owner) \(reason): its output layer is reinitialized")
    }
    guard collected != nil else {
      let isQuantity = head.problem == .regression
      (labels, keepsHead, note) =
        isQuantity && head.labels.count == 1
        ? (nil, true, nil)
        : anew(
          isQuantity
            ? "is for \(head.labels.count) quantities" : "is for classes, the rows have numbers")
      return
    }
    let names = rows.labelNames
    guard head.problem != .regression else {
      (labels, keepsHead, note) = anew("is for a quantity, the rows have classes")
      return
    }
    if let (labels, note) = Self.match(names, with: head, of: owner) {
      (self.labels, keepsHead, self.note) = (labels, true, note)
      return
    }
    let reason =
      head.isUnnamed
      ? "does not say what its \(head.labels.count) classes are, the rows have \(Self.listed(names)); "
        + "id2label in config.json, or labels by number, would keep it"
      : "is for \(Self.listed(head.labels)), the rows have \(Self.listed(names))"
    (labels, keepsHead, note) = anew(reason)
  }

  /// The classes in the head's order, if they include every label of the rows.
  private static func match(
    _ names: [String], with head: Classification, of owner: String
  ) -> (labels: LabelMap, note: String?)? {
    let classes = head.labels
    guard Set(classes.map { ExactText($0) }).count == classes.count else { return nil }
    let own = LabelMap(classes)
    let numbers = names.compactMap(wholeNumber)
    let areNumbers =
      numbers.count == names.count && numbers.allSatisfy { classes.indices.contains($0) }
    if head.isUnnamed {
      guard areNumbers else { return own.holds(names) ? (own, nil) : nil }
      return (LabelMap(classes.indices.map(String.init)), nil)
    }
    if own.holds(names) { return (own, nil) }
    if areNumbers, !classes.contains(where: { wholeNumber($0) != nil }) {
      return (
        LabelMap(classes.indices.map(String.init)),
        "the labels are numbers, taken for the classes of \(owner) by their numbers: 0 is \(classes[0])"
      )
    }
    // The result uses the spelling of the rows, so that the same rows can be evaluated later.
    let spelled = Dictionary(grouping: names, by: folded)
    guard spelled.allSatisfy({ $0.value.count == 1 }),
      Set(classes.map(folded)).count == classes.count,
      Set(classes.map(folded)).isSuperset(of: spelled.keys)
    else { return nil }
    return (
      LabelMap(classes.map { spelled[folded($0)]?.first ?? $0 }),
      "the labels \(listed(names)) are the classes \(listed(classes)) of \(owner), with another spelling"
    )
  }

  /// A name in lowercase, without surrounding white space.
  static func folded(_ name: String) -> String {
    name.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
  }
}

extension LabelMap {
  /// Whether every name is one of the labels.
  fileprivate func holds(_ names: [String]) -> Bool { names.allSatisfy { index(of: $0) != nil } }
}
