/// A low-rank term as it was applied: its factors in the computation's type, `z = s · x Aᵀ`, and where A is trained its input.
struct AppliedTerm {
  private let input: TensorReference
  /// The input where the derivative of A needs it.
  private let kept: Tensor?
  private let rows: Range<Int>?
  private let columns: Range<Int>?
  private let scale: Float
  private let down: Tensor
  private let up: Tensor
  private let hidden: Tensor
  private let downReference: TensorReference
  private let upReference: TensorReference

  /// The part of a term that comes before the output of its map.
  init(_ term: LowRankTerm, to x: Tensor, with computation: Computation) {
    let engine = computation.engine
    let input = term.input.map { computation.converted($0) } ?? x
    self.input = input.reference
    kept = computation.tape?.tracks(term.down) == true ? input : nil
    rows = term.rows
    columns = term.columns
    scale = term.scale
    down = engine.converted(term.down, to: computation.type)
    up = engine.converted(term.up, to: computation.type)
    (downReference, upReference) = (term.down.reference, term.up.reference)
    hidden = engine.product(
      Matrix(input, rows: rows), down.transposed, scale: scale, storedAs: computation.type)
  }

  /// What it adds to the whole output of its map; nil where it adds to a part of it.
  var output: LowRankProduct? {
    rows == nil && columns == nil ? LowRankProduct(Matrix(hidden), up.transposed) : nil
  }

  /// Adds `z Bᵀ` to the output of its map.
  func add(to y: inout Tensor, by engine: any Engine) {
    engine.addProduct(
      Matrix(hidden), up.transposed, scale: 1, to: &y, rows: rows ?? 0..<y.shape.rows,
      columns: columns)
  }

  /// `dB = dyᵀ z`, `dz = s · dy B`, `dA = dzᵀ x`; dz is returned where anybody wants it.
  func factorGradients(_ dy: Tensor, _ type: ElementType, _ gradients: inout Gradients) -> Tensor? {
    let slice = Matrix(dy, rows: rows, columns: columns)
    gradients.addProduct(slice.transposed, Matrix(hidden), to: upReference, type: .float32)
    guard gradients.wants(downReference) || gradients.wants(input) else { return nil }
    let dHidden = gradients.engine.product(slice, Matrix(up), scale: scale, storedAs: type)
    if let kept {
      gradients.addProduct(
        dHidden.transposed, Matrix(kept, rows: rows), to: downReference, type: .float32)
    }
    return dHidden
  }

  /// `dz A`, for the gradient of a map's input; nil where the term reads something else or only a part of it.
  func inputGradient(_ dHidden: Tensor, of x: TensorReference) -> LowRankProduct? {
    rows == nil && input.id == x.id ? LowRankProduct(Matrix(dHidden), Matrix(down)) : nil
  }

  /// `dx += dz A`.
  func addInputGradient(_ dHidden: Tensor, _ type: ElementType, _ gradients: inout Gradients) {
    gradients.update(input) { [rows, down, input] engine, slot in
      if slot == nil { slot = engine.zeros(input.shape, type: type) }
      engine.addProduct(
        Matrix(dHidden), Matrix(down), scale: 1, to: &slot!, rows: rows ?? 0..<input.shape.rows,
        columns: nil)
    }
  }
}
