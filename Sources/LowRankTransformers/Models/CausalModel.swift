import LowRankTensors

/// A decoder that predicts the next token: a description without values, cheap to copy.
public struct CausalModel: Architecture {
  public var backbone: any Backbone
  /// Turns hidden states into logits.
  public private(set) var head: any LinearMap

  /// A backbone with a head.
  public init(_ backbone: any Backbone, head: any LinearMap) {
    precondition(backbone.causalClassName != nil, "\(backbone.family) predicts no next token")
    self.backbone = backbone
    self.head = head
  }

  public var className: String { backbone.causalClassName ?? backbone.family }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try backbone.walk(visit)
    try LowRankTransformers.visit(&head, .head, visit)
  }

  /// Whether the head's weight is the embedding's.
  public var isHeadTied: Bool { backbone.tokenTable.weight == head.weight }

  /// The logits of all rows, f32 `[rows, vocabulary]`.
  public func logits(_ ids: Tensor, _ pass: Pass) -> Tensor {
    pass.compute.converted(head(hidden(ids, pass), pass), to: .float32)
  }

  /// The logits of some rows of hidden states `[rows, width]`, `[rows.count, vocabulary]` in the pass's type.
  ///
  /// Other rows never reach the head. Adapters apply to the rows that they are selected for in the whole pass.
  public func logits(ofHidden hidden: Tensor, at rows: [Int32], _ pass: Pass) -> Tensor {
    let engine = pass.compute.engine
    var pass = pass
    pass.adapters = pass.adapters.taking(rows: rows)
    return head(
      engine.rows(of: hidden, at: engine.tensor(rows, [rows.count]), type: hidden.type), pass)
  }

  /// The loss of each labelled row, f32 `[labels]`: `labels[i]` is the token after row `rows[i]`.
  ///
  /// Rows without a label never reach the head, whose inputs are shown to observers; its logits, and their gradients, are
  /// never there as a whole.
  /// - Parameter isSummed: whether the backward pass starts from the sum of these losses; false where something else is
  ///   computed of them.
  public func losses(
    _ ids: Tensor, rows: [Int32], labels: [Int32], _ pass: Pass, isSummed: Bool = true
  ) -> Tensor {
    precondition(rows.count == labels.count, "\(rows.count) rows, \(labels.count) labels")
    let isEveryRow = rows.count == pass.rows.count && rows == Array(0..<Int32(rows.count))
    let hidden = backbone.hidden(ids, at: isEveryRow ? nil : rows, pass)
    for observer in pass.observers {
      observer.observe(head.path, input: hidden, on: pass.compute.engine)
    }
    return pass.compute.headLoss(
      hidden, head.effectiveWeight(pass),
      labels: pass.compute.engine.tensor(labels, [labels.count]), smoothing: pass.labelSmoothing,
      isSummed: isSummed)
  }
}
