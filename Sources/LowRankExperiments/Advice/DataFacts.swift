import Foundation
import LowRank
import LowRankSessions

/// What advice looks at in data and model.
struct DataFacts {
  /// The rows to train on.
  let rows: Int
  /// The tokens of all rows.
  let tokens: Int
  /// The tokens or classes that are learned.
  let learned: Int
  /// The lengths of rows, in tokens.
  let lengths: LengthStatistics
  /// What there is to learn, in bits: one for a trained token, `log₂ classes` for a label.
  let bits: Double
  /// Whether there are rows to evaluate on.
  let hasValidation: Bool
  /// The width of the model, and its family.
  let (width, family): (Int, String)
  /// Whether the base's weights are packed.
  let isPacked: Bool
  /// The parameters of a unit of rank on all linear maps, of plain LoRA.
  let parametersPerRank: Int
  /// The parameters of the base.
  let baseParameters: Int

  /// Reads the rows as training would.
  ///
  /// - Throws: what opening a run throws.
  init(_ settings: RunSettings) throws {
    var settings = settings
    settings.adapter.target = "all-linear"
    let task = try settings.openTask()
    let set = task.train
    rows = set.count
    let each = (0..<set.count).map { set.inputTokens(of: $0) }
    lengths = LengthStatistics(each)
    tokens = each.reduce(0, +)
    if let examples = set as? ExampleSet {
      learned = examples.examples.reduce(0) { $0 + $1.trained.reduce(0) { $0 + $1.count } }
      bits = Double(learned)
    } else {
      let classes = (set as? LabelledSet)?.labels?.count ?? 2
      learned = set.count
      bits = Double(set.count) * log2(Double(max(2, classes)))
    }
    hasValidation = task.validation != nil
    width = task.base.architecture.width
    let config = task.base.config
    family = config["model_type"]?.string ?? ""
    isPacked = task.base.folder?.isGGUF ?? false
    baseParameters = task.base.parameterCount
    settings.adapter.rank = 2
    let two = try settings.trainedParameters(for: task)
    settings.adapter.rank = 1
    parametersPerRank = two - (try settings.trainedParameters(for: task))
  }

  /// What data are for, by the model and the names of columns.
  ///
  /// - Throws: what reading the files throws.
  static func task(of settings: RunSettings) throws -> TrainingTask {
    let folder = try ModelFolder(at: Located.model(settings.model.model ?? ""))
    if try Architectures.readsImages(folder.config) { return .imageClassification }
    guard settings.data.labelColumn == nil else { return .classification }
    let files = try LocatedData.files(
      settings.data.data, settings.splits, reading: SplitRole.allCases, announces: false)
    let table = try DataTable(of: files.train, isHeader: settings.data.columns.isHeader)
    let names = table.rows[0].fields.keys
    let texts = ["messages", "conversations", "completion", "response", "output", "answer"]
    guard !names.contains(where: texts.contains), folder.isGGUF == false,
      let found = try? LabelledRows(
        table, columns: settings.data.columns, task: .classification),
      let label = found.columns.label
    else { return .causal }
    let values = table.rows.prefix(1000).compactMap { $0.fields[label] }
    if values.allSatisfy({ $0.array != nil }) { return .multilabel }
    let isNumber = values.allSatisfy { value in
      (value.double ?? value.string.flatMap(Double.init)) != nil
    }
    let isWhole = values.allSatisfy { value in
      value.integer != nil || value.string.map { Int($0) != nil } ?? false
    }
    return isNumber && !isWhole ? .regression : .classification
  }
}
