/// A low-rank term as it was applied: its factors in the computation's type, `z = x Aᵀ`, and where A is trained its input.
struct AppliedTerm {
  private let input: TensorReference
  /// The input where the derivative of A needs it.
  private let kept: Tensor?
  private let rows: Range<Int>
  private let columns: Range<Int>?
  private let scale: Float
  private let down: Tensor
  private let up: Tensor
  private let hidden: Tensor
  private let downReference: TensorReference
  private let upReference: TensorReference

  /// Adds `scale · (x Aᵀ) Bᵀ` to a map's output.
  init(
    _ term: LowRankTerm, to x: Tensor, addingTo y: inout Tensor, with computation: Computation
  ) {
    let engine = computation.engine
    let input = term.input.map { computation.converted($0) } ?? x
    self.input = input.reference
    kept = computation.tape?.tracks(term.down) == true ? input : nil
    rows = term.rows ?? 0..<x.shape.rows
    columns = term.columns
    scale = term.scale
    down = engine.converted(term.down, to: computation.type)
    up = engine.converted(term.up, to: computation.type)
    (downReference, upReference) = (term.down.reference, term.up.reference)
    hidden = engine.product(
      Matrix(input, rows: rows), down.transposed, storedAs: computation.type)
    engine.addProduct(
      Matrix(hidden), up.transposed, scale: scale, to: &y, rows: rows, columns: columns)
  }

  /// `dB = s·dyᵀ z`, `dz = s·dy B`, `dA = dzᵀ x`, `dx += dz A`.
  func backward(_ dy: Tensor, _ type: ElementType, _ gradients: inout Gradients) {
    let slice = Matrix(dy, rows: rows, columns: columns)
    gradients.addProduct(
      slice.transposed, Matrix(hidden), scale: scale, to: upReference, type: .float32)
    guard gradients.wants(downReference) || gradients.wants(input) else { return }
    let dHidden = gradients.engine.product(slice, Matrix(up), scale: scale, storedAs: type)
    if let kept {
      gradients.addProduct(
        dHidden.transposed, Matrix(kept, rows: rows), to: downReference, type: .float32)
    }
    gradients.update(input) { [rows, down, input] engine, slot in
      if slot == nil { slot = engine.zeros(input.shape, type: type) }
      engine.addProduct(
        Matrix(dHidden), Matrix(down), scale: 1, to: &slot!, rows: rows, columns: nil)
    }
  }
}
