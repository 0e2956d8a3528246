import LowRankTensors

/// A linear map `y = x Wᵀ + b` of whatever storage: dense, quantised, or adapted.
public protocol LinearMap: Sendable {
  /// The module's path in the checkpoint.
  var path: String { get }
  /// The number of columns it reads.
  var inputs: Int { get }
  /// The number of columns it makes.
  var outputs: Int { get }
  /// The parameters it holds.
  var parameters: [Parameter] { get }
  /// The frozen weight.
  var weight: Parameter { get }
  /// The bias; nil where there is none.
  var bias: Parameter? { get }
  /// Whether the checkpoint stores `[inputs, outputs]`, as GPT-2's `Conv1D` does.
  var storesInputsFirst: Bool { get }
  /// Applies the map to `[rows, inputs]`, with low-rank terms folded into the same operation.
  func apply(_ x: Tensor, adding terms: [LowRankTerm], _ pass: Pass) -> Tensor
  /// The weight that the pass uses, recorded where it leads to trainable parameters.
  func effectiveWeight(_ pass: Pass) -> LinearWeight
  /// The frozen weight as f32 `[rows, inputs]`, for starts, merging and analysis.
  func dense(rows: Range<Int>, _ store: ParameterStore, _ engine: any Engine) -> Tensor
  /// Puts a weight, f32 `[outputs, inputs]`, in the place of the map's own, in the map's own storage; in the place of a
  /// packed one, in f32.
  func replaceWeight(with weight: Tensor, in store: inout ParameterStore, _ engine: any Engine)
}

extension LinearMap {
  /// Applies the map to `[rows, inputs]`.
  public func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor { apply(x, adding: [], pass) }

  /// The frozen weight as f32 `[outputs, inputs]`.
  public func dense(_ store: ParameterStore, _ engine: any Engine) -> Tensor {
    dense(rows: 0..<outputs, store, engine)
  }
}
