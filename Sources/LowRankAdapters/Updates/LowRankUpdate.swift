import LowRankTensors
import LowRankTransformers

/// LoRA: `ΔW = s·B A` with A `[rank, inputs]` and B `[outputs, rank]`, W frozen.
///
/// Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", arXiv 2106.09685. On a fused map there may be one pair
/// of factors for each slice of the outputs. A start other than zero brings a frozen pair that is subtracted, so that W
/// need not change: `ΔW = s·(B A − B₀A₀)`.
public struct LowRankUpdate: Update {
  /// A pair of factors and the outputs it adds to.
  public struct Factors: Sendable {
    /// A, `[rank, inputs]`.
    public let down: Parameter
    /// B, `[outputs, rank]`.
    public let up: Parameter
    /// The outputs of the map that B makes; all where nil.
    public let outputs: Range<Int>?
    /// The frozen pair that is subtracted, of the same shapes; nil for a start at zero.
    public let offset: (down: Parameter, up: Parameter)?

    /// A pair of factors.
    public init(
      down: Parameter, up: Parameter, outputs: Range<Int>? = nil,
      offset: (down: Parameter, up: Parameter)? = nil
    ) {
      self.down = down
      self.up = up
      self.outputs = outputs
      self.offset = offset
    }
  }

  /// The module's path, which keys dropout.
  public let path: String
  /// The pairs of factors.
  public let factors: [Factors]
  /// The number of outputs of the whole map.
  public let outputs: Int
  /// s.
  public let scale: Float
  /// The probability of dropping an element of the adapter's input while training.
  public let dropout: Float

  /// An update of a map.
  public init(
    path: String, factors: [Factors], outputs: Int, scale: Float, dropout: Float = 0
  ) {
    self.path = path
    self.factors = factors
    self.outputs = outputs
    self.scale = scale
    self.dropout = dropout
  }

  public var parameters: [Parameter] { factors.flatMap { [$0.down, $0.up] } }

  public var frozen: [Parameter] {
    factors.flatMap { $0.offset.map { [$0.down, $0.up] } ?? [] }
  }

  public func terms(for x: Tensor, _ pass: Pass) -> [LowRankTerm]? {
    let dropped = pass.dropout(x, dropout, site: path + ".lora_dropout")
    let input = dropped.id == x.id ? nil : dropped
    return signedPairs.map { pair in
      LowRankTerm(
        down: pass.value(pair.down), up: pass.value(pair.up), scale: pair.scale,
        columns: pair.outputs, input: input)
    }
  }

  public func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor {
    signedPairs.reduce(weight) { weight, pair in
      pass.compute.adding(
        pass.value(pair.up), pass.value(pair.down), scale: pair.scale, to: weight,
        rows: pair.outputs)
    }
  }

  private typealias Pair = (down: Parameter, up: Parameter, scale: Float, outputs: Range<Int>?)

  private var signedPairs: [Pair] {
    factors.flatMap { pair -> [Pair] in
      let own: Pair = (pair.down, pair.up, scale, pair.outputs)
      guard let offset = pair.offset else { return [own] }
      return [own, (offset.down, offset.up, -scale, pair.outputs)]
    }
  }
}
