import LowRank

/// What a run that is finished has reached.
public struct RunSummary: Sendable {
  /// The steps taken.
  public let steps: Int
  /// The numbers that were trained.
  public let trainableParameters: Int
  /// The mean loss of a trained token, or row, over the last tenth of the steps.
  public let trainingLoss: Double
  /// What the evaluation of what is kept found, by name as `valid_loss`; empty where there was none.
  public let evaluation: JSONObject
  /// The real tokens of a second of training steps.
  public let tokensPerSecond: Double
  /// The step whose values are kept because they are the best; nil where the last ones are.
  public let bestStep: Int?
  /// The most memory that the process held.
  public let peakMemory: Int
  /// The peak that was planned, where the run keeps to a limit.
  public let plannedMemory: Int?
  /// The limit.
  public let memoryLimit: Int?
  /// The processes of the run.
  public let processes: Int
}
