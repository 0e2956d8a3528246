/// Softmax attention over packed segments, `out = softmax(scale · q kᵀ + mask) v` per head.
///
/// Queries hold `heads · headSize` columns, keys and values `keyHeads · headSize`; query head *h*
/// reads key head `h / (heads / keyHeads)`. The three may be columns of one fused tensor.
public struct AttentionProblem: Sendable {
  /// Which keys a query may see.
  public enum Mask: Hashable, Sendable {
    /// All keys of its segment.
    case bidirectional
    /// Keys at its own position or before it.
    case causal
    /// Of the causal keys, the nearest `size` including its own.
    case slidingWindow(size: Int)
    /// Keys at its own position and at most `radius` positions before or after it, `|i − j| ≤ radius`:
    /// ModernBERT's local attention, whose configured window is twice the radius.
    case neighbourhood(radius: Int)
  }

  /// A run of columns of a tensor.
  public struct Columns: Sendable {
    /// The tensor, `[rows, width]`.
    public let tensor: Tensor
    /// The columns meant.
    public let range: Range<Int>

    /// The given columns of a tensor, all of them by default.
    public init(_ tensor: Tensor, _ range: Range<Int>? = nil) {
      self.tensor = tensor
      self.range = range ?? 0..<tensor.shape.columns
    }
  }

  /// What is dropped of the attention weights.
  public struct Dropout: Hashable, Sendable {
    /// The probability of dropping a weight.
    public let probability: Float
    /// The key of the random numbers.
    public let key: UInt64
    /// The number of the first query row in the numbers that are drawn.
    public let firstQuery: Int
    /// The number of the first key row in the numbers that are drawn.
    public let firstKey: Int

    /// Weights dropped with a probability; the numbers are those of a batch in which earlier rows stand before these.
    public init(_ probability: Float, key: UInt64, firstQuery: Int = 0, firstKey: Int = 0) {
      self.probability = probability
      self.key = key
      self.firstQuery = firstQuery
      self.firstKey = firstKey
    }
  }

  /// Queries, `[query rows, heads · headSize]`.
  public var queries: Columns
  /// Keys, `[key rows, keyHeads · headSize]`.
  public var keys: Columns
  /// Values, `[key rows, keyHeads · headSize]`.
  public var values: Columns
  /// The number of query heads.
  public var heads: Int
  /// The number of key and value heads, a divisor of `heads`.
  public var keyHeads: Int
  /// The width of one head.
  public var headSize: Int
  /// What scores are multiplied by, usually 1/√headSize.
  public var scale: Float
  /// Which keys a query may see.
  public var mask: Mask
  /// The packed sequences.
  public var segments: [Segment]
  /// What is dropped of the weights; nil for nothing.
  public var dropout: Dropout?
  /// What is added to scores by the distance between query and key.
  public var relative: RelativeScores?

  /// Attention over the given queries, keys and values.
  public init(
    queries: Columns, keys: Columns, values: Columns, heads: Int, keyHeads: Int, headSize: Int,
    scale: Float, mask: Mask, segments: [Segment],
    dropout: Dropout? = nil, relative: RelativeScores? = nil
  ) {
    precondition(
      heads.isMultiple(of: keyHeads), "\(heads) heads do not share \(keyHeads) key heads")
    precondition(
      queries.range.count == heads * headSize && keys.range.count == keyHeads * headSize
        && values.range.count == keyHeads * headSize,
      """
      \(heads) over \(keyHeads) heads of \(headSize) in columns \
      \(queries.range), \(keys.range), \(values.range)
      """
    )
    self.queries = queries
    self.keys = keys
    self.values = values
    self.heads = heads
    self.keyHeads = keyHeads
    self.headSize = headSize
    self.scale = scale
    self.mask = mask
    self.segments = segments
    self.dropout = dropout
    self.relative = relative
  }
}
