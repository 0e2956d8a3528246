import Foundation

/// The labelled rows of a data set as a run sees them: all files have the columns and the classes of the one to train on.
public struct LabelledFiles: Sendable {
  /// The rows to train on.
  public let train: LabelledRows
  /// The rows that training is evaluated on.
  public let valid: LabelledRows?
  /// The rows for the final test, without labels where the file has none or keeps them secret; nil where there are none, or they
  /// are not needed.
  public let test: LabelledRows?
  /// Why the rows for the final test, which training does not use, cannot be read.
  public let testProblem: String?
  /// The classes; none for numbers.
  public let labels: LabelMap?

  /// Reads the files of a data set.
  ///
  /// Classes are those of the rows to train on. Where these are whole numbers, the labels of the other files and the classes of
  /// known heads say too whether they count from 0 to n - 1; see ``LabelMap``.
  /// - Parameters:
  ///   - columns: where the texts and the label are; what is not given is guessed.
  ///   - task: what the labels are for, not `causal`.
  ///   - known: the labels that training knew; none to collect them.
  ///   - counts: the numbers of classes of known heads, the preferred one first.
  ///   - collectsRefusals: whether rows that would stop a run are kept, with the reason, for a check.
  /// - Throws: what keeps a run from reading its files.
  public init(
    _ files: DataFiles, columns: ColumnChoice = ColumnChoice(), task: TrainingTask,
    labels known: LabelMap? = nil, counts: [Int] = [], collectsRefusals: Bool = false
  ) throws {
    let train = try LabelledRows(
      at: files.train, columns: columns, task: task, collectsRefusals: collectsRefusals)
    valid = try files.valid.map {
      try LabelledRows(
        at: $0, columns: train.columns, task: task, collectsRefusals: collectsRefusals)
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
    labels =
      try task == .regression ? nil : known ?? train.collectedLabels(with: others, counts: counts)
    self.train = train
  }

  /// The rows of a file that training does not use, which may lack labels.
  private static func test(_ file: URL, _ train: LabelledRows) throws -> LabelledRows {
    let labelled = try? LabelledRows(
      at: file, columns: train.columns, task: train.task, collectsRefusals: true)
    if let labelled, train.task == .regression || !labelled.keepsLabelsSecret { return labelled }
    return try LabelledRows(
      at: file, columns: train.columns, task: train.task, requiresLabels: false,
      collectsRefusals: true)
  }

  /// What is to be said of the classes; nil where they are as one expects.
  public var remark: String? {
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
