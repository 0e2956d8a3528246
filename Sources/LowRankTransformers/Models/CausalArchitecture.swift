import LowRankTensors

/// A decoder that predicts the next token: a description without values, cheap to copy.
public protocol CausalArchitecture: Walkable, Sendable {
  /// The name of the transformers class, `GPT2LMHeadModel`.
  var className: String { get }
  /// The number of tokens it knows.
  var vocabularySize: Int { get }
  /// The longest sequence it was made for.
  var positions: Int { get }
  /// The longest sequence it can read, where positions are learnt; nil where they are computed.
  var positionLimit: Int? { get }
  /// The width of the residual stream.
  var width: Int { get }
  /// Turns hidden states into logits.
  var head: any LinearMap { get }
  /// The hidden states after the last norm, `[rows, width]`, in the pass's type.
  func hidden(_ ids: Tensor, _ pass: Pass) -> Tensor
  /// Multiplies the base's own dropouts: 0 turns them off.
  mutating func setDropout(_ probability: Float)
}

extension CausalArchitecture {
  public var positionLimit: Int? { nil }

  /// The logits of all rows, f32 `[rows, vocabulary]`.
  public func logits(_ ids: Tensor, _ pass: Pass) -> Tensor {
    pass.compute.converted(head(hidden(ids, pass), pass), to: .float32)
  }

  /// The loss of each labelled row, f32 `[labels]`: `labels[i]` is the token after row `rows[i]`.
  ///
  /// Rows without a label never reach the head.
  public func losses(_ ids: Tensor, rows: [Int32], labels: [Int32], _ pass: Pass) -> Tensor {
    precondition(rows.count == labels.count, "\(rows.count) rows, \(labels.count) labels")
    var hidden = hidden(ids, pass)
    let engine = pass.compute.engine
    if rows.count != hidden.shape.rows || rows != Array(0..<Int32(rows.count)) {
      hidden = pass.compute.rows(
        of: hidden, at: engine.tensor(rows, [rows.count]), type: hidden.type)
    }
    return pass.compute.headLoss(
      hidden, head.effectiveWeight(pass), labels: engine.tensor(labels, [labels.count]))
  }
}
