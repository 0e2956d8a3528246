import Foundation
import LowRankProgress
import LowRankTensors

/// The sequences of one split, each with what is to be said of it.
public struct LabelledSet: Sendable {
  /// Where they come from, for messages.
  public let source: String
  /// What the labels are for.
  public let task: TrainingTask
  /// The columns that were read, guessed or given.
  public let columns: ColumnChoice
  /// The labels that are told apart; none for numbers.
  public let labels: LabelMap?
  /// The examples in the order of the file.
  public let examples: [LabelledExample]
  /// The row of each example in the file, counted from 1.
  public let rowNumbers: [Int]
  /// What became of the rows.
  public let counts: LabelledCounts
  /// What reads the images of the rows; nil for texts.
  let images: ImageEncoder?

  /// Reads the files of a split and turns their rows into examples.
  ///
  /// - Parameters:
  ///   - columns: where the texts and the label are; what is not given is guessed.
  ///   - task: what the labels are for, not `causal`.
  ///   - labels: the labels that training knew; none to collect them from this file.
  ///   - requiresLabels: whether every row must have a label. Rows without a text are left out then
  ///     and counted. Otherwise labels are not read, and every row is an example, so that each has
  ///     an answer.
  /// - Throws: `FileError`, `DataError` or `JSONError` where the file is not as expected,
  ///   `DataError` for a label that is unknown and for a row of which no token is left, and what
  ///   the tokenizer throws.
  public init(
    of split: DataSplit, columns: ColumnChoice = ColumnChoice(), task: TrainingTask,
    labels: LabelMap? = nil, encoder: LabelledEncoder, requiresLabels: Bool = true
  ) throws {
    try self.init(
      LabelledRows(of: split, columns: columns, task: task, requiresLabels: requiresLabels),
      labels: labels, encoder: encoder)
  }

  /// Reads one file; see ``init(of:columns:task:labels:encoder:requiresLabels:)``.
  public init(
    at url: URL, columns: ColumnChoice = ColumnChoice(), task: TrainingTask,
    labels: LabelMap? = nil, encoder: LabelledEncoder, requiresLabels: Bool = true
  ) throws {
    try self.init(
      of: DataSplit(url), columns: columns, task: task, labels: labels, encoder: encoder,
      requiresLabels: requiresLabels)
  }

  /// Turns rows into examples; see ``init(of:columns:task:labels:encoder:requiresLabels:)``.
  public init(_ rows: LabelledRows, labels: LabelMap? = nil, encoder: LabelledEncoder) throws {
    let labels = try rows.task == .regression ? nil : labels ?? rows.collectedLabels()
    let isLabelled = rows.columns.label != nil
    if isLabelled, let labels { try rows.requireKnown(labels) }
    var counts = LabelledCounts()
    var examples: [LabelledExample] = []
    var rowNumbers: [Int] = []
    examples.reserveCapacity(rows.rows.count)
    let isOfImages = encoder.images != nil
    let readings =
      try isOfImages
      ? concurrentMap(rows.rows.count, "reading \(rows.source)", .rows) {
        try encoder.read(rows.rows[$0], labels, isLabelled: isLabelled)
      } : nil
    let work = isOfImages ? nil : Work("encoding \(rows.source)", of: rows.rows.count)
    defer { work?.end() }
    for (index, row) in rows.rows.enumerated() {
      counts.rows += 1
      work?.advance()
      let read = try readings?[index] ?? encoder.read(row, labels, isLabelled: isLabelled)
      guard let sequence = read.sequence else {
        counts.empty += 1
        continue
      }
      if sequence.isTruncated { counts.truncated += 1 }
      if sequence.lost != nil { counts.lost.add(sequence.lost, of: row.texts.joined()) }
      counts.tokens += sequence.ids.count
      examples.append(
        LabelledExample(
          ids: sequence.ids, typeIDs: sequence.typeIDs, target: read.target, image: sequence.image))
      rowNumbers.append(counts.rows)
    }
    guard !examples.isEmpty else { throw DataError(rows.source, "no row has a text (\(counts))") }
    source = rows.source
    task = rows.task
    columns = rows.columns
    self.labels = labels
    self.examples = examples
    self.rowNumbers = rowNumbers
    self.counts = counts
    images = encoder.images
  }

  /// Divides the examples into those to train on and those to evaluate on; labels keep their shares.
  ///
  /// - Throws: `DataError` if there are too few.
  public func divided(
    by share: ValidShare
  ) throws(DataError) -> (train: LabelledSet, valid: LabelledSet) {
    let labels = task == .regression ? nil : examples.map(\.labels)
    let kept = try share.rows(of: examples.count, labels: labels, at: source)
    let valid = Set(kept)
    let rest = examples.indices.filter { !valid.contains($0) }
    return (
      LabelledSet(self, at: rest, source: source),
      LabelledSet(self, at: kept, source: "\(source), rows kept for evaluation")
    )
  }

  /// Some examples of a set, at least one.
  package init(_ set: LabelledSet, at places: [Int], source: String) {
    self.init(
      places.map { set.examples[$0] }, task: set.task, labels: set.labels, source: source,
      columns: set.columns, rowNumbers: places.map { set.rowNumbers[$0] }, images: set.images)
  }

  /// Examples made elsewhere, at least one.
  ///
  /// - Parameters:
  ///   - rowNumbers: the row of each example, counted from 1; by default its place.
  ///   - images: what reads their images; nil for texts.
  public init(
    _ examples: [LabelledExample], task: TrainingTask, labels: LabelMap?, source: String,
    columns: ColumnChoice = ColumnChoice(), rowNumbers: [Int]? = nil, images: ImageEncoder? = nil
  ) {
    precondition(!examples.isEmpty, "\(source) has no examples")
    var counts = LabelledCounts()
    counts.rows = examples.count
    counts.tokens = examples.reduce(0) { $0 + $1.ids.count }
    self.source = source
    self.task = task
    self.columns = columns
    self.labels = labels
    self.examples = examples
    self.rowNumbers = rowNumbers ?? Array(1...examples.count)
    self.counts = counts
    self.images = images
  }
}
