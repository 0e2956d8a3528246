import LowRankTensors
import LowRankTransformers

/// What an update is told when it is asked for its form as plain LoRA.
public struct FormRequest {
  /// The number of outputs of the map.
  public let outputs: Int
  /// The number of inputs of the map.
  public let inputs: Int
  /// The greatest rank of the form; nil for as many directions as the update has.
  public let rank: Int?
  /// W, f32 `[outputs, inputs]`, for a method whose form needs it.
  public let weight: () -> Tensor
  /// A pass with the adapter's values, in f32.
  public let pass: Pass
}

extension LoRAForm {
  init(_ terms: [LowRankTerm], _ request: FormRequest) throws {
    try self.init(
      terms, outputs: request.outputs, inputs: request.inputs, atMost: request.rank,
      on: request.pass.compute.engine)
  }

  init(decomposing delta: Tensor, _ request: FormRequest) throws {
    try self.init(
      decomposing: HostMatrix(
        request.pass.compute.engine.floats(delta), rows: request.outputs, columns: request.inputs),
      atMost: request.rank)
  }
}
