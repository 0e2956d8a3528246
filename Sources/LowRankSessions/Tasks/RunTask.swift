import Foundation
import LowRank

/// What a run knows of its task: the model with its head, the rows, and how they are judged.
package protocol RunTask {
  /// The model with the head of the task.
  var base: Model { get }
  /// The rows to train on.
  var train: any TrainingSet { get }
  /// Modules of the head that are trained and saved whole without being asked for.
  var headModules: [String] { get }
  /// What is kept beside the adapter, for everything that uses it.
  var facts: JSONObject? { get }
  /// The chat template that wrote the rows; nil where none did.
  var chatTemplate: String? { get }
  /// The tokens that were added to the tokenizer; nil if there are none.
  var addedTokens: AddedTokens? { get }
  /// What is judged by where the best of several evaluations is kept; nil where the last one is.
  var metric: Metric? { get }
  /// The most tokens of a row.
  var maxLength: Int { get }
  /// The rows to evaluate on; nil where there are none.
  var validation: (any TrainingSet)? { get }
  /// Lets go of the weights that the run begins with, since it trains its own; description and configuration stay.
  mutating func releaseWeights()
  /// Works out what steps use again and again, before the first of them.
  ///
  /// - Throws: what the run's reducer throws.
  func prepare(_ training: Training, until isInterrupted: () -> Bool) throws
  /// Judges what a run has reached; nil where there is nothing to judge on, or it was interrupted.
  ///
  /// - Throws: what the run's reducer throws.
  func evaluate(_ training: Training, until isInterrupted: () -> Bool) throws -> EvaluationResult?
}

extension RunTask {
  /// Nothing.
  package func prepare(_ training: Training, until isInterrupted: () -> Bool) throws {}
}
