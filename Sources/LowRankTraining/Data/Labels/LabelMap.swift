import LowRankCheckpoints

/// The labels that a model tells apart, each with its number.
public struct LabelMap: Hashable, Sendable {
  /// How many labels there may be.
  public static let most = 10_000

  private let exact: [ExactText]
  private let indices: [ExactText: Int]

  /// The given labels, numbered from 0; at least one, and none twice.
  public init(_ names: [String]) {
    exact = names.map(ExactText.init)
    indices = Dictionary(zip(exact, exact.indices)) { first, _ in first }
    precondition(
      !names.isEmpty && indices.count == names.count, "labels must differ, found \(names)")
  }

  /// The labels that occur in some rows.
  ///
  /// If the labels are the numbers 0 to n - 1, each keeps its number. A number that the rows lack counts if other
  /// rows have it, or if a known head has an output for it. All other labels are names: whole numbers are ordered by
  /// value, anything else by the bytes of its UTF-8.
  /// - Parameters:
  ///   - names: the labels in the order of the rows, each as often as it occurs; at least one.
  ///   - others: the labels of the data set's other files.
  ///   - counts: the numbers of classes of known heads, in order of preference.
  ///   - place: where the label at a position was found, for messages.
  /// - Throws: `DataError` for more than ``most`` labels.
  public init(
    collecting names: [String], others: [String] = [], counts: [Int] = [],
    at place: (Int) -> String
  ) throws(DataError) {
    precondition(!names.isEmpty, "there is no label to number")
    let wholes = names.compactMap(wholeLabel)
    guard wholes.count == names.count else {
      try self.init(distinct: Set(names.map(ExactText.init)), at: place)
      return
    }
    let distinct = Set(wholes)
    if let count = Self.count(of: distinct, others: Set(others.compactMap(wholeLabel)), counts) {
      self.init((0..<count).map(String.init))
    } else {
      try self.init(distinct: Set(distinct.map(ExactText.init)), at: place, areNumbers: true)
    }
  }

  /// The number of classes if labels are numbers from 0 without a gap, else nil.
  private static func count(of labels: Set<String>, others: Set<String>, _ counts: [Int]) -> Int? {
    func isFull(_ labels: Set<String>) -> Bool {
      (0..<labels.count).allSatisfy { labels.contains(String($0)) }
    }
    let all = labels.union(others)
    if all.count <= most, isFull(all) { return all.count }
    if labels.count <= most, isFull(labels) { return labels.count }
    let numbers = labels.compactMap(wholeNumber)
    guard numbers.count == labels.count, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    return counts.first { count in count <= most && numbers.allSatisfy { $0 < count } }
  }

  private init(
    distinct: Set<ExactText>, at place: (Int) -> String, areNumbers: Bool = false
  ) throws(DataError) {
    guard distinct.count <= Self.most else {
      throw DataError(
        place(0),
        """
        \(distinct.count) different labels follow from here, expected at most \(Self.most); is \
        another column meant?
        """)
    }
    let names = distinct.sorted().map(\.string)
    self.init(areNumbers ? names.sorted(by: isSmaller) : names)
  }

  /// Whether the labels are whole numbers that serve as names instead of class indices.
  public var areNumbersByName: Bool {
    exact.allSatisfy { wholeLabel($0.string) != nil }
      && !exact.enumerated().allSatisfy { $1.string == String($0) }
  }

  /// The labels in the order of their numbers.
  public var names: [String] { exact.map(\.string) }

  /// The number of labels.
  public var count: Int { exact.count }

  /// The label of a number below ``count``.
  public subscript(index: Int) -> String { exact[index].string }

  /// The number of a label, none where it is unknown.
  ///
  /// Where the labels are called `LABEL_0`, `LABEL_1` and so on, as models without names call them,
  /// the text `1` is `LABEL_1` as well; `1.0` is the label `1`, and `true` of JSON
  /// the `True` of a table.
  public func index(of name: String) -> Int? {
    if let index = indices[ExactText(name)] { return index }
    let spelling = ["true": "True", "false": "False", "True": "true", "False": "false"][name]
    if let spelling { return indices[ExactText(spelling)] }
    guard let whole = wholeLabel(name) else { return nil }
    return indices[ExactText(whole)] ?? indices[ExactText("LABEL_\(whole)")]
  }

  /// The number of the label of a row.
  ///
  /// - Throws: `DataError` at the row's place where the label is none of these.
  func index(of name: String, at place: @autoclosure () -> String) throws(DataError) -> Int {
    if let index = index(of: name) { return index }
    let hint =
      name == "-1"
      ? "; benchmarks write -1 where they keep the label secret"
      : wholeNumber(name) == nil ? suggestion(for: name, among: names) : ""
    throw DataError(
      place(),
      "training does not know the label \"\(name)\"; the \(count) that it knows are \(listing)\(hint)"
    )
  }
}

/// Whether one whole number is less than another, with any number of digits.
private func isSmaller(_ a: String, _ b: String) -> Bool {
  let (isANegative, isBNegative) = (a.hasPrefix("-"), b.hasPrefix("-"))
  guard isANegative == isBNegative else { return isANegative }
  let isShorter = a.utf8.count == b.utf8.count ? a < b : a.utf8.count < b.utf8.count
  return isANegative ? a != b && !isShorter : isShorter
}
