import LowRankTensors
import LowRankTransformers

/// An update whose ΔW has a rank too high for factors: it is formed whole, in f32, and added beside W.
///
/// `y = W x + ΔW x̃`. ΔW is rounded to the computation's type once, so that a small one is not lost in a rounded W + ΔW, and
/// the tape keeps only x: the backward pass forms ΔW again.
public protocol DeltaUpdate: Update {
  /// The module's path, which keys dropout.
  var path: String { get }
  /// The probability of dropping an element of the update's input while training.
  var dropout: Float { get }
  /// ΔW, f32 `[outputs, inputs]`, recorded on the pass's tape.
  ///
  /// - Parameter weight: W, f32 `[outputs, inputs]`; unpacked or converted where it is asked for.
  func delta(_ weight: () -> Tensor, _ pass: Pass) -> Tensor
}

extension DeltaUpdate {
  public func input(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.dropout(x, dropout, site: path + ".dropout")
  }

  public func adaptedWeight(_ weight: Tensor, _ pass: Pass) -> Tensor {
    pass.compute.sum(weight, delta({ pass.compute.converted(weight, to: .float32) }, pass))
  }

  public func apply(_ x: Tensor, to base: any LinearMap, _ pass: Pass) -> Tensor {
    let y = base.apply(x, adding: [], pass)
    let input = pass.compute.converted(input(x, pass))
    let added = pass.remaking(input) { x, pass in
      let delta = delta({ pass.compute.converted(base.oriented(pass), to: .float32) }, pass)
      return pass.compute.linear(x, LinearWeight(delta))
    }
    return pass.compute.sum(y, added)
  }

  /// The update as the sum of its terms where it has some, else the decomposition of ΔW.
  public func form(_ request: FormRequest) throws -> LoRAForm {
    if let terms = formTerms(request.pass) { return try LoRAForm(terms, request) }
    return try LoRAForm(decomposing: delta(request.weight, request.pass), request)
  }
}
