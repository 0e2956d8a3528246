import LowRankTensors

/// A backbone with a head that says of each sequence what it is.
public struct SequenceClassifier: Architecture {
  public var backbone: any Backbone
  /// What turns the hidden states of a sequence into one number for each class.
  public var head: any ClassifierHead

  /// A backbone with a head.
  public init(_ backbone: any Backbone, head: any ClassifierHead) {
    self.backbone = backbone
    self.head = head
  }

  public var className: String { backbone.classifierClassName }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try backbone.walk(visit)
    try head.walk(visit)
  }

  public mutating func setDropout(_ probability: Float) {
    backbone.setDropout(probability)
    head.setDropout(probability)
  }

  /// What stands for each sequence, one row each.
  private func pooled(_ ids: Tensor, _ pass: Pass) -> Tensor {
    let hidden = backbone.hidden(ids, at: head.pooling.rows(of: pass.rows), pass)
    return head.pooling.pooled(hidden, of: pass.rows, pass.compute)
  }

  /// One number for each class, f32 `[sequences, classes]`.
  public func logits(_ ids: Tensor, _ pass: Pass) -> Tensor {
    head.logits(pooled(ids, pass), pass.inSinglePrecision)
  }

  /// The same of hidden states `[rows, width]` that are there already.
  public func logits(ofHidden hidden: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    var rows = hidden
    if let wanted = head.pooling.rows(of: pass.rows) {
      rows = compute.rows(
        of: hidden, at: compute.engine.tensor(wanted, [wanted.count]), type: hidden.type)
    }
    return head.logits(
      head.pooling.pooled(rows, of: pass.rows, compute), pass.inSinglePrecision)
  }

  /// The loss of each sequence, f32 `[sequences]`, as transformers defines it for the kind of target.
  public func losses(_ ids: Tensor, _ targets: ClassifierTargets, _ pass: Pass) -> Tensor {
    let compute = pass.inSinglePrecision.compute
    let engine = compute.engine
    switch targets {
    case .classes(let classes):
      return head.losses(
        pooled(ids, pass), classes: engine.tensor(classes, [classes.count]),
        pass.inSinglePrecision)
    case .numbers(let numbers):
      let logits = logits(ids, pass)
      let wanted = engine.tensor(numbers.map { -$0 }, logits.shape, type: .float32)
      let difference = compute.sum(logits, wanted)
      return compute.rowMeans(compute.multiply(difference, difference))
    case .sets(let members):
      let logits = logits(ids, pass)
      let wanted = engine.tensor(members.map { -$0 }, logits.shape, type: .float32)
      // −y log σ(x) − (1 − y) log(1 − σ(x)) = softplus(x) − y x
      return compute.rowMeans(
        compute.sum(compute.activation(.softplus, logits), compute.multiply(logits, wanted)))
    }
  }
}

/// What the sequences of a batch should have been found to be.
public enum ClassifierTargets: Hashable, Sendable {
  /// The class of each sequence; the loss is its cross entropy.
  case classes([Int32])
  /// Quantities, `[sequences, outputs]` row by row; the loss is the mean squared difference.
  case numbers([Float])
  /// One where a class is there and zero where not, `[sequences, classes]` row by row; the loss is the mean binary cross
  /// entropy.
  case sets([Float])
}

extension Pass {
  /// The same pass in f32: a head is a few rows, whose numbers are the result.
  fileprivate var inSinglePrecision: Pass {
    var pass = self
    pass.compute = Computation(engine: compute.engine, type: .float32, tape: compute.tape)
    return pass
  }
}

extension Computation {
  /// The mean of each row, f32 `[rows]`.
  fileprivate func rowMeans(_ x: Tensor) -> Tensor {
    let columns = x.shape.columns
    let shares = engine.filled(1 / Float(columns), [columns, 1])
    return reshaped(product(x, shares, type: .float32), to: [x.shape.rows])
  }
}
