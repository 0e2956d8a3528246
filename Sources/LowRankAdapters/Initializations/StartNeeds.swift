/// What a start has to be told of a linear map beside its shape.
public struct StartNeeds: Hashable, Sendable {
  /// Which rows of inputs enter the second moments.
  public enum Inputs: Hashable, Sendable {
    /// The rows whose next token is trained; all rows of a labelled sequence.
    case trainedRows
    /// All rows.
    case allRows
    /// All rows, each sequence divided by its largest number, and the sum divided by the number of sequences.
    case scaledSequences
  }

  /// Whether it decomposes or multiplies the frozen weight.
  public var weight: Bool
  /// The rows of inputs whose moments it needs; nil for none.
  public var inputs: Inputs?
  /// The parts of the examples of whose inputs moments are needed apart; 1 for all together.
  public var folds: Int
  /// Whether it needs the second moments of the gradients of the outputs.
  public var outputGradients: Bool
  /// Whether it needs the gradient of the loss with respect to the weight.
  public var gradient: Bool
  /// The batches of the run over which the statistics are taken.
  public var batches: Int

  /// The needs of a start; none by default.
  public init(
    weight: Bool = false, inputs: Inputs? = nil, folds: Int = 1, outputGradients: Bool = false,
    gradient: Bool = false, batches: Int = 0
  ) {
    (self.weight, self.inputs, self.folds) = (weight, inputs, folds)
    (self.outputGradients, self.gradient, self.batches) = (outputGradients, gradient, batches)
  }

  /// Whether it needs statistics of data, which are collected before the adapter exists.
  public var areOfData: Bool { inputs != nil || needsBackwardPass }

  /// Whether it needs derivatives of the loss.
  public var needsBackwardPass: Bool { outputGradients || gradient }

  /// The bytes of the sums for the statistics of a map with the given slices of its outputs, in single precision.
  ///
  /// Of second moments only what is above the diagonal is added up.
  public func bytes(inputs count: Int, slices: [Int]) -> Int {
    var numbers = inputs == nil ? 0 : SecondMoments.numbers(of: count) * max(1, folds)
    for outputs in slices {
      if outputGradients { numbers += SecondMoments.numbers(of: outputs) }
      if gradient { numbers += outputs * count }
    }
    return 4 * numbers
  }
}

extension MethodOption {
  /// The option of every start that takes statistics of data.
  static let batches = MethodOption.integer(
    "batches", default: 8, in: 1...100_000,
    "The batches of the run, from its first, over which statistics are taken; at most an epoch.")
}
