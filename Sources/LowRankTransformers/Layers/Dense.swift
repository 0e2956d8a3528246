import LowRankTensors

/// A linear map whose weight is a plain matrix.
public struct Dense: LinearMap {
  public let path: String
  public let weight: Parameter
  public let bias: Parameter?
  public let storesInputsFirst: Bool
  private let weightPath: String
  private let biasPath: String

  /// A map at a path; a head tied to an embedding has a weight of another path.
  public init(path: String, weight: Parameter, bias: Parameter? = nil, inputsFirst: Bool = false) {
    self.path = path
    self.weight = weight
    self.bias = bias
    self.storesInputsFirst = inputsFirst
    self.weightPath = path + ".weight"
    self.biasPath = path + ".bias"
  }

  public var inputs: Int { weight.shape[storesInputsFirst ? 0 : 1] }
  public var outputs: Int { weight.shape[storesInputsFirst ? 1 : 0] }
  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  public func apply(_ x: Tensor, adding terms: [LowRankTerm], _ pass: Pass) -> Tensor {
    for observer in pass.observers { observer.observe(path, input: x, on: pass.compute.engine) }
    if let y = logits(x, adding: terms, pass) { return y }
    let y = pass.compute.linear(
      x, effectiveWeight(pass), bias: bias.map { pass.value($0, at: biasPath) }, adding: terms)
    guard !pass.observers.isEmpty else { return y }
    return pass.compute.observed(y) { [observers = pass.observers, path] dy, engine in
      for observer in observers {
        observer.observe(path, input: x, outputGradient: dy, on: engine)
      }
    }
  }

  /// The output of a map with single rows of an adapter, without a copy of its weight; nil if the map needs more than
  /// that.
  private func logits(_ x: Tensor, adding terms: [LowRankTerm], _ pass: Pass) -> Tensor? {
    guard let own = pass.adapters.ownRows(at: weightPath), pass.compute.tape == nil, terms.isEmpty,
      bias == nil, !storesInputsFirst
    else { return nil }
    let (compute, engine) = (pass.compute, pass.compute.engine)
    let weight = pass.wholeValue(weight, at: weightPath)
    // A packed weight has no rows of its own type to offer.
    let rows = engine.converted(
      pass.store[own.rows], to: weight.type.isPacked ? compute.type : weight.type)
    var columns = engine.transposed(compute.linear(x, LinearWeight(weight)))
    engine.write(
      engine.transposed(compute.linear(x, LinearWeight(rows))), over: &columns,
      at: engine.tensor(own.numbers, [own.numbers.count]))
    return engine.transposed(columns)
  }

  public func effectiveWeight(_ pass: Pass) -> LinearWeight {
    LinearWeight(pass.value(weight, at: weightPath), inputsFirst: storesInputsFirst)
  }

  public func dense(rows: Range<Int>, _ store: ParameterStore, _ engine: any Engine) -> Tensor {
    let value = store[weight]
    guard storesInputsFirst else {
      return engine.converted(value.viewed(rows: rows), to: .float32)
    }
    return engine.converted(engine.transposed(engine.columns(rows, of: value)), to: .float32)
  }

  public func replaceWeight(
    with new: Tensor, in store: inout ParameterStore, _ engine: any Engine
  ) {
    let oriented = storesInputsFirst ? engine.transposed(new) : new
    store[weight] = engine.converted(oriented, to: store[weight].type.unpacked)
  }
}
