import LowRank

/// How many steps a run takes and how each is made.
public struct StepSettings: Hashable, Sendable {
  /// Rows that are computed at once.
  public var batchSize = 4
  /// Batches per step.
  public var gradAccumulation = 1
  /// Steps of the run; nil for 1000, unless `epochs` is given.
  public var iters: Int?
  /// Passes over the data, instead of `iters`.
  public var epochs: Double?
  /// The highest learning rate.
  public var learningRate = 2e-4
  /// The course of the learning rate: `linear`, `cosine`, `polynomial`, `inverse_sqrt` or `constant`.
  public var schedule = "linear"
  /// The final learning rate of `linear`, `cosine` and `polynomial`.
  public var rateFloor: Double?
  /// The power of `polynomial`.
  public var ratePower: Double?
  /// The time scale of `inverse_sqrt`.
  public var rateTimescale: Int?
  /// Steps in which the learning rate rises from 0, or their share of the run, as `0.1`.
  public var warmup = "0"
  /// How the parameters are stepped; nil for AdamW.
  public var optimizer: MethodChoice?
  /// The weight decay.
  public var weightDecay: Double?
  /// The kinds of parameters without weight decay, between commas, or `none`.
  public var noDecay: String?
  /// The decay rates of both averages, as `0.9,0.999`.
  public var adamBetas: String?
  /// What is added to AdamW's divisor.
  public var adamEpsilon: Double?
  /// The norm that larger gradients are scaled down to.
  public var maxGradNorm: Double?

  /// A thousand steps of AdamW.
  public init() {}
}
