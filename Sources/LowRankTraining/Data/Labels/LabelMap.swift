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
  /// Where all are whole numbers each keeps its number, and the numbers between them are labels
  /// too; otherwise they are ordered by the bytes of their UTF-8.
  /// - Parameters:
  ///   - names: the labels in the order of the rows, each as often as it occurs; at least one.
  ///   - place: where the label at a position was found, for messages.
  /// - Throws: `DataError` where a number is negative, or there are more than ``most``.
  public init(collecting names: [String], at place: (Int) -> String) throws(DataError) {
    precondition(!names.isEmpty, "there is no label to number")
    let numbers = names.compactMap(wholeNumber)
    if numbers.count == names.count {
      try self.init(numbers, at: place)
    } else {
      try self.init(distinct: Set(names.map(ExactText.init)), at: place)
    }
  }

  private init(_ numbers: [Int], at place: (Int) -> String) throws(DataError) {
    if let position = numbers.firstIndex(where: { $0 < 0 }) {
      throw DataError(
        place(position),
        """
        the label is \(numbers[position]), but classes count from 0; benchmarks write -1 where \
        they keep the label secret
        """)
    }
    if let position = numbers.firstIndex(where: { $0 >= Self.most }) {
      throw DataError(
        place(position),
        """
        the label is \(numbers[position]), but classes count from 0 to \(Self.most - 1) at the \
        most; is another column meant?
        """)
    }
    self.init((0...(numbers.max() ?? 0)).map(String.init))
  }

  private init(distinct: Set<ExactText>, at place: (Int) -> String) throws(DataError) {
    guard distinct.count <= Self.most else {
      throw DataError(
        place(0),
        """
        \(distinct.count) different labels follow from here, expected at most \(Self.most); is \
        another column meant?
        """)
    }
    self.init(distinct.sorted().map(\.string))
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
  /// the text `1` is `LABEL_1` as well.
  public func index(of name: String) -> Int? {
    indices[ExactText(name)]
      ?? wholeNumber(name).flatMap { number in
        exact.indices.contains(number) && exact[number] == ExactText("LABEL_\(number)")
          ? number : nil
      }
  }

  /// The number of the label of a row.
  ///
  /// - Throws: `DataError` at the row's place where the label is none of these.
  func index(of name: String, at place: @autoclosure () -> String) throws(DataError) -> Int {
    if let index = index(of: name) { return index }
    let listed = exact.prefix(10).map { "\"\($0.string)\"" }.joined(separator: ", ")
    let more = count > 10 ? " and \(count - 10) more" : ""
    let nearest = wholeNumber(name) == nil ? nearestName(to: name, among: names) : nil
    let hint = nearest.map { "; is \"\($0)\" meant?" } ?? ""
    throw DataError(
      place(),
      "the label \"\(name)\" is none of those known from training, \(listed)\(more)\(hint)")
  }
}
