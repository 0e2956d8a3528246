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

  public var pairs: [FactorPair] { factors.map { FactorPair(down: $0.down, up: $0.up) } }

  public func terms(_ pass: Pass) -> [LowRankTerm]? {
    factors.flatMap { pair in
      func term(_ down: Parameter, _ up: Parameter, _ scale: Float) -> LowRankTerm {
        LowRankTerm(
          down: pass.value(down), up: pass.value(up), scale: scale, columns: pair.outputs)
      }
      let own = term(pair.down, pair.up, scale)
      return [own] + (pair.offset.map { [term($0.down, $0.up, -scale)] } ?? [])
    }
  }

  public func input(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.dropout(x, dropout, site: path + ".lora_dropout")
  }
}
