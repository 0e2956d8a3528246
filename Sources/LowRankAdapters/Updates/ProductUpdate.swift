import LowRankTensors
import LowRankTransformers

/// An update that is applied as a few small products: `y = W x + f(x̃)` with `f(x) = ΔW x`.
///
/// ΔW itself is formed for merging alone. The tape keeps only x: the backward pass makes what lies between again.
public protocol ProductUpdate: Update {
  /// The module's path, which keys dropout.
  var path: String { get }
  /// The probability of dropping an element of the update's input while training.
  var dropout: Float { get }
  /// `x ΔWᵀ` for x `[rows, inputs]`, recorded on the pass's tape.
  func product(_ x: Tensor, _ pass: Pass) -> Tensor
}

extension ProductUpdate {
  public func input(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.dropout(x, dropout, site: path + ".dropout")
  }

  /// `W + ΔW`, ΔW made in f32 of what the update makes of the unit vectors.
  public func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor {
    var exact = pass
    exact.compute = Computation(engine: pass.compute.engine, tape: pass.compute.tape)
    let units = pass.compute.engine.identity(weight.shape.columns)
    return pass.compute.sum(weight, exact.compute.transposed(product(units, exact)))
  }

  public func apply(_ x: Tensor, to base: any LinearMap, _ pass: Pass) -> Tensor {
    let y = base.apply(x, adding: [], pass)
    let input = pass.compute.converted(input(x, pass))
    return pass.compute.sum(y, pass.remaking(input) { product($0, $1) })
  }

  /// The update as the sum of its terms where it has some, else the decomposition of what it makes of the unit vectors.
  public func form(_ request: FormRequest) throws -> LoRAForm {
    if let terms = formTerms(request.pass) { return try LoRAForm(terms, request) }
    let engine = request.pass.compute.engine
    let zeros = engine.zeros([request.outputs, request.inputs], type: .float32)
    return try LoRAForm(decomposing: adaptedWeight(zeros, request.pass), request)
  }
}

extension Pass {
  /// What a part of a model makes of an input; the tape keeps only the input, and the backward pass makes the rest again.
  func remaking(_ input: Tensor, _ part: @escaping (Tensor, Pass) -> Tensor) -> Tensor {
    guard let tape = compute.tape else { return part(input, self) }
    return tape.recomputing([input]) { inputs, tape, isReplay in
      var again = self
      again.compute = Computation(engine: compute.engine, type: compute.type, tape: tape)
      again.compute.omitsProducts = isReplay
      return [part(inputs[0], again)]
    }[0]
  }
}

extension Engine {
  /// The matrix of so many unit vectors, f32.
  fileprivate func identity(_ count: Int) -> Tensor {
    var numbers = [Float](repeating: 0, count: count * count)
    for index in 0..<count { numbers[index * (count + 1)] = 1 }
    return tensor(numbers, [count, count], type: .float32)
  }
}
