import LowRankTensors
import LowRankTransformers

/// DoRA: `W' = diag(m / ‖V‖) V` with `V = W + s·B A`, norms over the inputs of each output.
///
/// Liu et al., arXiv 2402.09353. As there and in PEFT, ‖V‖ counts as a constant in the derivative, and while dropout is
/// active only the adapter's path sees the dropped input.
public struct DoRAUpdate: Update {
  /// The low-rank part.
  public let lowRank: LowRankUpdate
  /// m, `[outputs]`.
  public let magnitude: Parameter

  /// DoRA on a low-rank update.
  public init(lowRank: LowRankUpdate, magnitude: Parameter) {
    self.lowRank = lowRank
    self.magnitude = magnitude
  }

  public var parameters: [Parameter] { lowRank.parameters + [magnitude] }
  public var frozen: [Parameter] { lowRank.frozen }
  public var pairs: [FactorPair] { lowRank.pairs }
  public var storedRank: Int? { lowRank.storedRank }

  public func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor {
    let sum = lowRank.adaptedWeight(weight, pass)
    let rows = pass.compute.transposed(sum)
    return pass.compute.transposed(pass.compute.scaledColumns(rows, by: gain(weight, pass)))
  }

  public func apply(_ x: Tensor, to base: any LinearMap, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    let weight = base.effectiveWeight(pass)
    let gain = gain(weight.tensor.type.isPacked ? weight.tensor : base.oriented(pass), pass)
    let bias = base.bias.map { pass.value($0, at: base.path + ".bias") }
    let terms = lowRank.terms(pass) ?? []
    let dropped = lowRank.input(x, pass)
    guard dropped.id != x.id else {
      let y = compute.scaledColumns(compute.linear(x, weight, adding: terms), by: gain)
      return bias.map { compute.addingBias($0, to: y) } ?? y
    }
    // W₀(x − x̃) + diag(g)(W₀ + sBA)x̃ with W₀ = W − sB₀A₀: the frozen map sees the whole input, the direction the dropped
    // one.
    let direction = compute.linear(dropped, weight, adding: terms)
    let rest = compute.linear(
      compute.difference(x, dropped), weight, bias: bias, adding: lowRank.offsetTerms(pass))
    return compute.sum(rest, compute.scaledColumns(direction, by: gain))
  }

  /// The form of the low-rank part with the magnitudes beside it.
  public func form(_ request: FormRequest) throws -> LoRAForm {
    var form = try lowRank.form(request)
    form.magnitude = request.pass.compute.engine.floats(request.pass.value(magnitude))
    return form
  }

  public func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] {
    lowRank.stored(values, engine) + [
      FactorTensor(magnitude.path, magnitude.shape, engine.floats(values[magnitude]))
    ]
  }

  public func restored(_ read: (_ name: String, _ shape: Shape) throws -> [Float]) throws
    -> [(parameter: Parameter, values: [Float])]
  {
    try lowRank.restored(read) + [(magnitude, try read(magnitude.path, magnitude.shape))]
  }

  /// `m / ‖V‖`, with 1 / ‖V‖ a constant of the derivative.
  private func gain(_ weight: Tensor, _ pass: Pass) -> Tensor {
    let inverse = pass.constant(magnitude.path) { pass in
      let engine = pass.compute.engine
      let norms =
        weight.type.isPacked
        ? packedNorms(of: weight, pass)
        : engine.rowNorms(lowRank.adaptedWeight(engine.converted(weight, to: .float32), pass))
      return engine.quotient(engine.filled(1, magnitude.shape), norms)
    }
    return pass.compute.multiply(pass.value(magnitude), inverse)
  }
}

extension DoRAUpdate {
  /// The norms of the rows of `W + s·B A`, a few rows of a packed W at a time.
  private func packedNorms(of weight: Tensor, _ pass: Pass) -> Tensor {
    let (compute, engine) = (pass.compute, pass.compute.engine)
    let (rows, columns) = (weight.shape.rows, weight.shape.columns)
    let terms = lowRank.terms(pass) ?? []
    var norms: [Float] = []
    norms.reserveCapacity(rows)
    let step = max(1, Self.panel / max(1, columns))
    for start in stride(from: 0, to: rows, by: step) {
      let panel = start..<min(start + step, rows)
      var sum = engine.converted(weight.viewed(rows: panel), to: .float32)
      for term in terms {
        let outputs = term.columns ?? 0..<rows
        let part = outputs.clamped(to: panel)
        guard !part.isEmpty else { continue }
        let up = term.up.viewed(
          rows: part.lowerBound - outputs.lowerBound..<part.upperBound - outputs.lowerBound)
        sum = compute.adding(
          up, term.down, scale: term.scale, to: sum,
          rows: part.lowerBound - start..<part.upperBound - start)
      }
      norms += engine.floats(engine.rowNorms(sum))
    }
    return engine.tensor(norms, [rows], type: .float32)
  }

  /// The elements of W that are unpacked at a time.
  private static let panel = 1 << 20
}
