import LowRankTensors
import LowRankTransformers

/// What an adapter adds to one linear map.
///
/// A method whose addition is a sum of low-rank terms says so in ``terms(_:)``: it is applied fused, without
/// ever forming ΔW, and merged. One that must see W (DoRA, HiRA) says what it makes of it in
/// ``adaptedWeight(_:_:)`` and is applied through that, or overrides ``apply(_:to:_:)`` too.
public protocol Update: Sendable {
  /// What is trained and saved.
  var parameters: [Parameter] { get }
  /// What is saved but stays as it was at the start.
  var frozen: [Parameter] { get }
  /// Names under which PEFT's file holds what is shared once more, which need not be read.
  var copies: [String] { get }
  /// Pairs of factors of which only the product counts: `(Q⁻¹A, BQ)` is the same update for every invertible Q.
  var pairs: [FactorPair] { get }
  /// The rank that a checkpoint's configuration must name, where it is not the one the update was made with.
  var storedRank: Int? { get }
  /// The low-rank terms added to the map's output; nil where the update is no such sum.
  func terms(_ pass: Pass) -> [LowRankTerm]?
  /// What the terms read in the place of the map's input `x`: while training, `x` with elements dropped.
  func input(_ x: Tensor, _ pass: Pass) -> Tensor
  /// The terms with their input where it is not the map's own.
  func terms(for x: Tensor, _ pass: Pass) -> [LowRankTerm]?
  /// The weight W' that the update makes of W, both `[outputs, inputs]`, recorded on the pass's tape.
  func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor
  /// Applies the adapted map to `[rows, inputs]`.
  func apply(_ x: Tensor, to base: any LinearMap, _ pass: Pass) -> Tensor
  /// The update as plain LoRA: exactly where it is a sum of low-rank terms, else its best approximation.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  func form(_ request: FormRequest) throws -> LoRAForm
  /// The low-rank terms that the update equals, though it may be applied otherwise; nil where it is no such sum.
  func formTerms(_ pass: Pass) -> [LowRankTerm]?
  /// What a checkpoint holds of the update.
  func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor]
  /// The values of the update's parameters, from what a checkpoint holds.
  ///
  /// - Throws: what `read` throws where a tensor is missing or misshapen.
  func restored(_ read: (_ name: String, _ shape: Shape) throws -> [Float]) throws
    -> [(parameter: Parameter, values: [Float])]
}

extension Update {
  /// Nothing frozen.
  public var frozen: [Parameter] { [] }

  /// None.
  public var copies: [String] { [] }

  /// None that anybody need know of.
  public var pairs: [FactorPair] { [] }

  /// The one it was made with.
  public var storedRank: Int? { nil }

  /// Every parameter under its own path.
  public func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] {
    (parameters + frozen).map { FactorTensor($0.path, $0.shape, engine.floats(values[$0])) }
  }

  /// Every parameter under its own path.
  public func restored(_ read: (_ name: String, _ shape: Shape) throws -> [Float]) throws
    -> [(parameter: Parameter, values: [Float])]
  {
    try (parameters + frozen).map { ($0, try read($0.path, $0.shape)) }
  }

  /// Not a sum of low-rank terms.
  public func terms(_ pass: Pass) -> [LowRankTerm]? { nil }

  /// The map's own input.
  public func input(_ x: Tensor, _ pass: Pass) -> Tensor { x }

  /// The terms on ``input(_:_:)``.
  public func terms(for x: Tensor, _ pass: Pass) -> [LowRankTerm]? {
    guard var terms = terms(pass) else { return nil }
    let input = input(x, pass)
    guard input.id != x.id else { return terms }
    for index in terms.indices { terms[index].input = input }
    return terms
  }

  /// `W + Σ s·B A`.
  public func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor {
    guard let terms = terms(pass) else {
      preconditionFailure("\(Self.self) is no low-rank sum and does not say what it makes of W")
    }
    return terms.reduce(weight) { weight, term in
      pass.compute.adding(term.up, term.down, scale: term.scale, to: weight, rows: term.columns)
    }
  }

  /// The update as the sum of its terms, which is exact; else the decomposition of what it changes in W.
  public func form(_ request: FormRequest) throws -> LoRAForm {
    if let terms = formTerms(request.pass) { return try LoRAForm(terms, request) }
    let (weight, compute) = (request.weight(), request.pass.compute)
    let adapted = adaptedWeight(weight, request.pass)
    return try LoRAForm(
      decomposing: compute.sum(adapted, compute.scaled(weight, by: -1)), request)
  }

  /// The terms that the update is applied as.
  public func formTerms(_ pass: Pass) -> [LowRankTerm]? { terms(pass) }

  /// One fused operation where there are terms, else a product with the adapted weight.
  public func apply(_ x: Tensor, to base: any LinearMap, _ pass: Pass) -> Tensor {
    if let terms = terms(for: x, pass) { return base.apply(x, adding: terms, pass) }
    let weight = adaptedWeight(base.oriented(pass), pass)
    return pass.compute.linear(
      x, LinearWeight(weight), bias: base.bias.map { pass.value($0, at: base.path + ".bias") })
  }
}

extension LinearMap {
  /// The weight that the pass uses, `[outputs, inputs]`; a packed one is unpacked to the type of the computation.
  public func oriented(_ pass: Pass) -> Tensor {
    let weight = effectiveWeight(pass)
    if weight.tensor.type.isPacked {
      return pass.compute.engine.converted(weight.tensor, to: pass.compute.type)
    }
    return weight.inputsFirst ? pass.compute.transposed(weight.tensor) : weight.tensor
  }
}
