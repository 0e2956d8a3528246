import LowRankKeys

/// Why factors cannot start where statistics of data would have them start.
public enum StartError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No statistics of the module were collected.
  case noStatistics(_ start: String, _ path: String)
  /// A module was given fewer rows than it needs.
  case tooFewRows(_ start: String, _ path: String, rows: Int, least: Int)
  /// The moments have fewer directions than the rank.
  case singular(_ start: String, _ path: String, _ what: String)
  /// The statistics hold NaN or infinity.
  case notFinite(_ start: String, _ path: String, of: String)
  /// The loss does not depend on the module.
  case noGradient(_ start: String, _ path: String)

  /// The dense model has no such map.
  case notInDense(_ start: String, _ path: String, _ dense: String)

  /// One sentence: the start, the module, and what to do.
  public var description: String {
    switch self {
    case .noStatistics(let start, let path):
      """
      the start \(start) needs statistics of data for \(path), and there are none: collect them with a StatisticsPass, as \
      train does, over rows that reach the module, or exclude it
      """
    case .tooFewRows(let start, let path, let rows, let least):
      """
      the start \(start) needs at least \(least) rows of inputs for \(path), and its batches have \(rows): give more with \
      \(setting: "init") \(start):batches=N, or a lower rank
      """
    case .singular(let start, let path, let what):
      """
      the start \(start) cannot begin at \(path): \(what); give more batches with \(setting: "init") \(start):batches=N, other data, or \
      a lower rank
      """
    case .notFinite(let start, let path, let what):
      """
      the start \(start) cannot begin at \(path): its \(what) hold NaN or infinity; compute with \(setting: "precision") f32, or check \
      the base with lowrank evaluate
      """
    case .notInDense(let start, let path, let dense):
      """
      the start \(start) cannot begin at \(path): \(dense) has no map of this name and these extents; give the model that the \
      base was quantised from with \(setting: "init") \(start):dense=PATH
      """
    case .noGradient(let start, let path):
      "the start \(start) cannot begin at \(path): the loss does not depend on it; exclude the module"
    }
  }
}
