import Foundation
import LowRankCheckpoints
import LowRankTransformers

/// How the labels of some rows go with the classes of a head that is trained already.
///
/// Classes are matched by their names, never by the order in which the rows' labels would be numbered. Where the names
/// match, the head and its order are kept; else the map to the classes has to start anew.
public struct HeadMatch: Sendable {
  /// The classes to train; none for quantities.
  public let labels: LabelMap?
  /// Whether the head is for these classes.
  public let keepsHead: Bool
  /// What should be said of it: how labels were matched, or why they were not.
  public let note: String?

  /// Labels that no head is there for.
  public init(withoutHead labels: LabelMap?) {
    (self.labels, keepsHead, note) = (labels, false, nil)
  }

  /// Matches the labels of some rows with the classes of a head.
  ///
  /// - Parameters:
  ///   - rows: the rows to train on.
  ///   - collected: their labels, as they would be numbered without a head; none for quantities.
  ///   - head: what the head tells apart.
  ///   - owner: what has the head, for messages.
  public init(_ rows: LabelledRows, _ collected: LabelMap?, head: Classification, of owner: String)
  {
    func anew(_ reason: String) -> (LabelMap?, Bool, String?) {
      (collected, false, "the head of \(owner) \(reason): its map to the classes starts anew")
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

  /// The classes in the head's order, where every label of the rows is one of them.
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
    // The spelling of the rows counts, so that the same rows can be judged later.
    let spelled = Dictionary(grouping: names, by: folded)
    guard spelled.allSatisfy({ $0.value.count == 1 }),
      Set(classes.map(folded)).count == classes.count,
      Set(classes.map(folded)).isSuperset(of: spelled.keys)
    else { return nil }
    return (
      LabelMap(classes.map { spelled[folded($0)]?.first ?? $0 }),
      "the labels \(listed(names)) are the classes \(listed(classes)) of \(owner), spelled otherwise"
    )
  }

  /// A name without regard to case and to white space around it.
  static func folded(_ name: String) -> String {
    name.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
  }
}

extension LabelMap {
  /// Whether every name is that of a label.
  fileprivate func holds(_ names: [String]) -> Bool { names.allSatisfy { index(of: $0) != nil } }
}
