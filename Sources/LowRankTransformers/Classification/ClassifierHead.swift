import LowRankTensors

/// What turns the hidden states of a sequence into one number for each class.
public protocol ClassifierHead: Walkable, Sendable {
  /// Which rows of a sequence it reads.
  var pooling: Pooling { get }
  /// The number of classes.
  var outputs: Int { get }
  /// The names of its modules that are trained and saved whole, as PEFT names them.
  var savedModules: [String] { get }
  /// One number for each class, f32 `[sequences, classes]`, of pooled hidden states.
  func logits(_ pooled: Tensor, _ pass: Pass) -> Tensor
  /// The cross entropy of each sequence with its class, f32 `[sequences]`, of pooled hidden states.
  func losses(_ pooled: Tensor, classes: Tensor, _ pass: Pass) -> Tensor
  /// Multiplies its dropouts: 0 turns them off.
  mutating func setDropout(_ probability: Float)
}

/// Which rows of a sequence stand for it.
public enum Pooling: String, Hashable, Sendable {
  /// The first one, `[CLS]`.
  case first
  /// The first two, side by side: DeiT's class token and its teacher's.
  case firstTwo
  /// The last one, which alone has seen all the others in a decoder.
  case last
  /// The mean of all.
  case mean

  /// The rows that stand for the sequences of a batch; nil where all do.
  func rows(of packed: PackedRows) -> [Int32]? {
    switch self {
    case .first: packed.segments.map { Int32($0.lowerBound) }
    case .firstTwo: packed.segments.flatMap { [Int32($0.lowerBound), Int32($0.lowerBound + 1)] }
    case .last: packed.segments.map { Int32($0.upperBound - 1) }
    case .mean: nil
    }
  }

  /// One row for each sequence, of what ``rows(of:)`` left.
  func pooled(_ hidden: Tensor, of packed: PackedRows, _ compute: Computation) -> Tensor {
    switch self {
    case .first, .last: hidden
    case .firstTwo:
      compute.reshaped(hidden, to: [packed.segments.count, 2 * hidden.shape.columns])
    case .mean: compute.segmentMeans(hidden, of: packed)
    }
  }
}

extension Computation {
  /// The mean of the rows of each sequence, `[sequences, width]`, as a product with the matrix of shares.
  func segmentMeans(_ x: Tensor, of packed: PackedRows) -> Tensor {
    var shares = [Float](repeating: 0, count: packed.segments.count * packed.count)
    for (index, rows) in packed.segments.enumerated() {
      for row in rows { shares[index * packed.count + row] = 1 / Float(rows.count) }
    }
    // In f32, since 1/n is no number of bf16.
    return product(
      engine.tensor(shares, [packed.segments.count, packed.count], type: .float32),
      converted(x, to: .float32), type: .float32)
  }
}
