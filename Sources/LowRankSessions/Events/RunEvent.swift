import LowRank

/// Something that happened in a run.
public enum RunEvent: Sendable {
  /// What is done or was noticed.
  case note(Remark)
  /// Something that is probably not meant.
  case warning(Remark)
  /// A step was taken.
  case step(TrainingStep)
  /// An evaluation begins after a step.
  case evaluating(step: Int)
  /// An evaluation ended.
  case evaluation(step: Int, EvaluationResult)
  /// The result and the state of a step were saved.
  case saved(step: Int)
  /// The run reached its end, or stopped early for good.
  case finished(RunSummary)

  /// A remark as an event.
  init(_ remark: Remark) { self = remark.kind == .warning ? .warning(remark) : .note(remark) }
}
