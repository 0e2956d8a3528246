import LowRankTensors
import LowRankTransformers

/// `s·B diag(E) A` as one low-rank term.
struct SVDUpdate: Update {
  let path: String
  let scale: Float
  let dropout: Float
  /// A, `[rank, inputs]`.
  let down: Parameter
  /// B, `[outputs, rank]`.
  let up: Parameter
  /// E, `[rank, 1]`.
  let values: Parameter
  var parameters: [Parameter] { [down, up, values] }

  func terms(_ pass: Pass) -> [LowRankTerm]? {
    let compute = pass.compute
    let sizes = compute.reshaped(pass.value(values), to: [values.shape[0]])
    return [
      LowRankTerm(
        down: pass.value(down), up: compute.scaledColumns(pass.value(up), by: sizes), scale: scale)
    ]
  }

  func input(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.dropout(x, dropout, site: path + ".lora_dropout")
  }
}

/// A module of which no direction is left: it adds nothing, and its file has tensors without numbers.
struct PrunedUpdate: Update {
  private let empty: [FactorTensor]
  let parameters: [Parameter] = []

  init(path: String, _ outputs: Int, _ inputs: Int) {
    empty = [
      FactorTensor(path + ".lora_A", [0, inputs], []),
      FactorTensor(path + ".lora_B", [outputs, 0], []),
      FactorTensor(path + ".lora_E", [0, 1], []),
    ]
  }

  func terms(_ pass: Pass) -> [LowRankTerm]? { [] }

  func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] { empty }

  func restored(_ read: (_ name: String, _ shape: Shape) throws -> [Float]) throws
    -> [(parameter: Parameter, values: [Float])]
  {
    for tensor in empty { _ = try read(tensor.name, tensor.shape) }
    return []
  }
}
