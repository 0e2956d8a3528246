import LowRankCheckpoints
import LowRankTransformers

/// What an adapter with a head was trained for, as it is kept beside the adapter: the defaults of everything that uses it.
public struct LabelledTask: Hashable, Sendable {
  /// The task; never causal.
  public var task: TrainingTask
  /// The columns of texts and labels.
  public var columns: ColumnChoice
  /// The classes; none for numbers.
  public var labels: LabelMap?
  /// The most tokens of a row; nil where it is not known.
  public var maxLength: Int?

  /// A task with its columns and classes.
  public init(
    _ task: TrainingTask, columns: ColumnChoice, labels: LabelMap?, maxLength: Int? = nil
  ) {
    precondition(task != .causal && (labels == nil) == (task == .regression), "\(task) by labels")
    self.task = task
    self.columns = columns
    self.labels = labels
    self.maxLength = maxLength
  }

  /// What a classifier of transformers is for, by its configuration.
  ///
  /// - Parameter isOfImages: whether it classifies images.
  public init(_ classification: Classification, isOfImages: Bool = false) {
    let task: TrainingTask =
      switch classification.problem {
      case _ where isOfImages: .imageClassification
      case .regression: .regression
      case .multiLabel: .multilabel
      case .singleLabel: .classification
      }
    self.init(
      task, columns: ColumnChoice(),
      labels: task == .regression ? nil : LabelMap(classification.labels))
  }

  /// Reads what ``json`` wrote.
  ///
  /// - Throws: `JSONError` where a key is missing or of another kind.
  public init(_ json: some JSONFields) throws {
    let name = try json.string("task")
    guard let task = TrainingTask(rawValue: name), task != .causal else {
      throw json.error(
        "task",
        "is \"\(name)\", expected classification, regression, multilabel or image-classification")
    }
    self.init(
      task,
      columns: ColumnChoice(
        texts: try json.optionalStrings("text_columns") ?? [],
        label: try json.optionalString("label_column")),
      labels: task == .regression ? nil : try LabelMap(id2label: json.object("id2label")),
      maxLength: try json.optionalInteger("max_seq_length"))
  }

  /// The task as JSON; `id2label`, `label2id` and `problem_type` are those of transformers.
  public var json: JSONObject {
    var json: JSONObject = [
      "task": .string(task.rawValue),
      "text_columns": .array(columns.texts.map { .string($0) }),
      "label_column": columns.label.map { .string($0) } ?? .null,
      "max_seq_length": maxLength.map { .integer($0) } ?? .null,
    ]
    for (key, value) in classification.json.entries { json[key] = value }
    return json
  }

  /// The head that the task asks for.
  public var classification: Classification {
    switch task {
    case .multilabel: Classification(labels: labels?.names ?? [], problem: .multiLabel)
    case .regression: Classification(count: 1, problem: .regression)
    case .classification, .imageClassification, .causal:
      Classification(labels: labels?.names ?? [], problem: .singleLabel)
    }
  }
}
