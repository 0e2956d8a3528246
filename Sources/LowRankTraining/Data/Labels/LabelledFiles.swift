import Foundation
import LowRankCheckpoints

/// The labelled rows of a data set; all files use the columns and the classes of the training file.
public struct LabelledFiles: Sendable {
  /// The training rows.
  public let train: LabelledRows
  /// The rows for evaluation during training.
  public let valid: LabelledRows?
  /// The test rows, without labels if the file has none or keeps them secret; nil if there are none, or if they are
  /// not needed.
  public let test: LabelledRows?
  /// The reason why the test rows, which training does not use, cannot be read.
  public let testProblem: String?
  /// The classes; nil for regression.
  public let labels: LabelMap?
  /// The reason why the training rows that can be read are not enough, in a check; nil if they are.
  public let labelProblem: String?

  /// Reads the files of a data set.
  ///
  /// Classes are those of the training rows. If these are whole numbers, the labels of the other files and the
  /// classes of known heads help to decide whether they count from 0 to n - 1; see ``LabelMap``.
  /// - Parameters:
  ///   - columns: the columns of the texts and the label; those not given are guessed.
  ///   - task: the task of the labels, not `causal`.
  ///   - known: the labels known from training; nil to collect them.
  ///   - counts: the numbers of classes of known heads, in order of preference.
  ///   - collectsRefusals: whether rows that would stop a run are kept, with the reason, for a check.
  /// - Throws: what prevents a run from reading its files.
  public init(
    _ files: DataFiles, columns: ColumnChoice = ColumnChoice(), task: TrainingTask,
    labels known: LabelMap? = nil, counts: [Int] = [], collectsRefusals: Bool = false
  ) throws {
    let train = try LabelledRows(
      of: files.train, columns: columns, task: task, collectsRefusals: collectsRefusals)
    valid = try files.valid.map {
      try LabelledRows(
        of: $0, columns: train.columns, task: task, collectsRefusals: collectsRefusals)
    }
    var problem: String?
    test =
      collectsRefusals || train.hasNumbers
      ? files.test.flatMap { file in
        do { return try Self.test(file, train) } catch {
          problem = String(describing: error)
          return nil
        }
      } : nil
    testProblem = problem
    let others = [valid, test].compactMap { $0 }
    self.train = train
    do {
      labels =
        try task == .regression
        ? nil : known ?? train.collectedLabels(with: others, counts: counts)
      labelProblem = nil
    } catch {
      // In a check, the rows that are refused are the cause that people have to see.
      guard collectsRefusals, train.hasRefusals else { throw error }
      let names = train.labelNames.isEmpty ? others.flatMap(\.labelNames) : train.labelNames
      labels =
        names.isEmpty ? nil : LabelMap(Set(names.map { ExactText($0) }).sorted().map(\.string))
      labelProblem =
        "\(error); \(train.refusedCount) of \(train.rows.count) rows cannot be read"
    }
  }

  /// Reads the rows of a file that training does not use, which may lack labels.
  private static func test(_ file: DataSplit, _ train: LabelledRows) throws -> LabelledRows {
    let labelled = try? LabelledRows(
      of: file, columns: train.columns, task: train.task, collectsRefusals: true)
    if let labelled, train.task == .regression || !labelled.keepsLabelsSecret { return labelled }
    return try LabelledRows(
      of: file, columns: train.columns, task: train.task, requiresLabels: false,
      collectsRefusals: true)
  }

  /// Remarks on the classes; empty if they are as expected.
  public var remarks: [String] {
    (labels.map(Self.nearlyEqual) ?? []) + (numberRemark.map { [$0] } ?? [])
  }

  /// Remarks on labels that differ only in the blanks around them or in the case of letters.
  private static func nearlyEqual(_ labels: LabelMap) -> [String] {
    let alike = Dictionary(grouping: labels.names, by: HeadMatch.folded).values
      .filter { $0.count > 1 }.sorted { $0[0].utf8.lexicographicallyPrecedes($1[0].utf8) }
    return alike.prefix(5).map { names in
      let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
      return "the labels \(list) differ only in blanks or case: each is a class of its own"
    }
  }

  /// A remark on labels that are numbers and do not count from 0.
  private var numberRemark: String? {
    guard let labels, labels.areNumbersByName else { return nil }
    let names = labels.names.prefix(10).joined(separator: ", ") + (labels.count > 10 ? ", …" : "")
    return """
      the labels \(names) do not count from 0 to n - 1: each is a class by its name, \(labels.count) in all
      """
  }
}

extension LabelledRows {
  /// Whether the labels of all rows are whole numbers.
  fileprivate var hasNumbers: Bool {
    task != .regression
      && rows.allSatisfy { row in
        switch row.label {
        case .name(let name): wholeLabel(name) != nil
        case .names(let names): names.allSatisfy { wholeLabel($0) != nil }
        case .flags, .number, nil: false
        }
      }
  }
}
