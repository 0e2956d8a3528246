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
    /// The frozen pair that is added, of a rank of its own: what was trained before the factors started anew (ReLoRA).
    public let folded: (down: Parameter, up: Parameter)?

    /// A pair of factors.
    public init(
      down: Parameter, up: Parameter, outputs: Range<Int>? = nil,
      offset: (down: Parameter, up: Parameter)? = nil,
      folded: (down: Parameter, up: Parameter)? = nil
    ) {
      self.down = down
      self.up = up
      self.outputs = outputs
      self.offset = offset
      self.folded = folded
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
  /// The first directions of each pair that are used; nil for all of them (DyLoRA).
  public var leading: Int?

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
    factors.flatMap { pair in
      [pair.offset, pair.folded].compactMap(\.self).flatMap { [$0.down, $0.up] }
    }
  }

  public var pairs: [FactorPair] { factors.map { FactorPair(down: $0.down, up: $0.up) } }

  /// `s·B A`; with an offset `s·(B − B₀)A + s·B₀(A − A₀)`.
  ///
  /// That is `s·(B A − B₀A₀)` in terms of the size of the update: where nothing was trained they are zero, in every
  /// precision, and rounding is that of the update, not that of the products it is the difference of.
  public func terms(_ pass: Pass) -> [LowRankTerm]? { trainedTerms(pass) + foldedTerms(pass) }

  /// The terms of the factors that are trained.
  private func trainedTerms(_ pass: Pass) -> [LowRankTerm] {
    factors.flatMap { pair -> [LowRankTerm] in
      let (down, up) = used(pair, pass)
      guard let offset = pair.offset else {
        return [LowRankTerm(down: down, up: up, scale: scale, columns: pair.outputs)]
      }
      func moved(_ factor: Tensor, from start: Tensor) -> Tensor {
        pass.compute.sum(factor, pass.compute.scaled(start, by: -1))
      }
      let (start, frozen) = (pass.value(offset.down), pass.value(offset.up))
      return [
        LowRankTerm(
          down: down, up: moved(up, from: frozen), scale: scale, columns: pair.outputs),
        LowRankTerm(
          down: moved(down, from: start), up: frozen, scale: scale, columns: pair.outputs),
      ]
    }
  }

  /// The directions of a pair that are used.
  private func used(_ pair: Factors, _ pass: Pass) -> (down: Tensor, up: Tensor) {
    let (down, up) = (pass.value(pair.down), pass.value(pair.up))
    guard let leading, leading < down.shape[0] else { return (down, up) }
    let compute = pass.compute
    let ids = compute.engine.tensor((0..<Int32(leading)).map { $0 }, [leading])
    return (
      compute.rows(of: down, at: ids, type: down.type), compute.columns(0..<leading, of: up)
    )
  }

  /// The frozen products that are added, on the map's own input.
  private func foldedTerms(_ pass: Pass) -> [LowRankTerm] {
    factors.compactMap { pair in
      pair.folded.map {
        LowRankTerm(
          down: pass.value($0.down), up: pass.value($0.up), scale: scale, columns: pair.outputs)
      }
    }
  }

  /// `−s·B₀A₀` of every pair with an offset: what W lacks where the trained pair reads another input.
  func offsetTerms(_ pass: Pass) -> [LowRankTerm] {
    factors.compactMap { pair in
      pair.offset.map {
        LowRankTerm(
          down: pass.value($0.down), up: pass.value($0.up), scale: -scale, columns: pair.outputs)
      }
    }
  }

  public func input(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.dropout(x, dropout, site: path + ".lora_dropout")
  }

  /// The terms on the dropped input x̃, and the frozen offset on `x − x̃`: it reads x, as a base without it would.
  ///
  /// What was folded reads x too, as a base that it was added to would.
  public func terms(for x: Tensor, _ pass: Pass) -> [LowRankTerm]? {
    let (terms, folded) = (trainedTerms(pass), foldedTerms(pass))
    let dropped = input(x, pass)
    guard dropped.id != x.id else { return terms + folded }
    let offsets = offsetTerms(pass)
    guard !offsets.isEmpty else { return terms.map { $0.reading(dropped) } + folded }
    let rest = pass.compute.difference(x, dropped)
    return terms.map { $0.reading(dropped) } + offsets.map { $0.reading(rest) } + folded
  }
}

extension LowRankTerm {
  /// The term on another input than the map's.
  fileprivate func reading(_ input: Tensor) -> LowRankTerm {
    var term = self
    term.input = input
    return term
  }
}

extension Computation {
  /// `a − b`, in the computation's type.
  func difference(_ a: Tensor, _ b: Tensor) -> Tensor {
    sum(converted(a), scaled(converted(b), by: -1))
  }
}
