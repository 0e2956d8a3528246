import LowRankTensors
import LowRankTransformers

/// What an adapter adds to one linear map.
///
/// A method whose addition is a sum of low-rank terms says so in ``terms(for:_:)`` and is applied fused,
/// without ever forming ΔW; one that must see W (DoRA, HiRA) leaves it nil and is applied through its
/// ``adaptedWeight(_:_:)``, or overrides ``apply(_:to:_:)``.
public protocol Update: Sendable {
  /// What is trained and saved.
  var parameters: [Parameter] { get }
  /// What is saved but stays as it was at the start.
  var frozen: [Parameter] { get }
  /// The low-rank terms added to the map's output on input `x`; nil where the update is no such sum.
  func terms(for x: Tensor, _ pass: Pass) -> [LowRankTerm]?
  /// The weight W' that the update makes of W, both `[outputs, inputs]`, recorded on the pass's tape.
  func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor
  /// Applies the adapted map to `[rows, inputs]`.
  func apply(_ x: Tensor, to base: any LinearMap, _ pass: Pass) -> Tensor
  /// What a checkpoint holds of the update.
  func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor]
  /// The values of the update's parameters, from what a checkpoint holds.
  ///
  /// - Throws: what `read` throws where a tensor is missing or misshapen.
  func restored(_ read: (_ name: String, _ shape: Shape) throws -> [Float]) throws
    -> [(parameter: Parameter, values: [Float])]
}

/// A tensor of an adapter on its way to or from a checkpoint, row-major.
public struct FactorTensor: Sendable {
  /// The name without PEFT's prefix: the module's path and the factor's name.
  public let name: String
  /// The extents.
  public let shape: Shape
  /// The numbers.
  public let values: [Float]

  /// A tensor.
  public init(_ name: String, _ shape: Shape, _ values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

extension Update {
  /// Nothing frozen.
  public var frozen: [Parameter] { [] }

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
  public func terms(for x: Tensor, _ pass: Pass) -> [LowRankTerm]? { nil }

  /// One fused operation where there are terms, else a product with the adapted weight.
  public func apply(_ x: Tensor, to base: any LinearMap, _ pass: Pass) -> Tensor {
    if let terms = terms(for: x, pass) { return base.apply(x, adding: terms, pass) }
    let weight = adaptedWeight(base.oriented(pass), pass)
    return pass.compute.linear(
      x, LinearWeight(weight), bias: base.bias.map { pass.value($0, at: base.path + ".bias") })
  }
}

extension LinearMap {
  /// The weight that the pass uses, `[outputs, inputs]`.
  public func oriented(_ pass: Pass) -> Tensor {
    let weight = effectiveWeight(pass)
    return weight.inputsFirst ? pass.compute.transposed(weight.tensor) : weight.tensor
  }
}
