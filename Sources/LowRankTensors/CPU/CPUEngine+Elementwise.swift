import CKernels

extension CPUEngine {
  /// `a + b`, in the type of `a`.
  public func sum(_ a: Tensor, _ b: Tensor) -> Tensor {
    combined(a, b) { lr_add($0, $1, 1, $2, 1, $3) }
  }

  /// `a · b` element by element, in the type of `a`.
  public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor {
    combined(a, b) { lr_multiply($0, $1, $2, 1, $3) }
  }

  /// `a / b` element by element, in the type of `a`.
  public func quotient(_ a: Tensor, _ b: Tensor) -> Tensor {
    combined(a, b) { lr_divide($0, $1, $2, 1, $3) }
  }

  private func combined(
    _ a: Tensor, _ b: Tensor, _ kernel: (lr_view, lr_view, lr_view, Int64) -> Void
  ) -> Tensor {
    precondition(a.shape == b.shape, "\(a) and \(b) differ in shape")
    let result = empty(a.shape, a.type)
    kernel(flat(a), flat(b), flat(result), Int64(a.count))
    return result
  }

  /// Adds `scale · b`, in place where `a` is the only handle.
  public func add(_ b: Tensor, scale: Float, to a: inout Tensor) {
    precondition(a.shape == b.shape, "\(a) and \(b) differ in shape")
    makeWritable(&a)
    lr_add(flat(a), flat(b), scale, flat(a), 1, Int64(a.count))
  }

  /// `factor · a`.
  public func scaled(_ a: Tensor, by factor: Float) -> Tensor {
    let result = empty(a.shape, a.type)
    lr_scale(flat(a), factor, flat(result), 1, Int64(a.count))
    return result
  }

  /// Column *j* of `a` times `vector[j]`.
  public func scaledColumns(_ a: Tensor, by vector: Tensor) -> Tensor {
    precondition(vector.count == a.shape.columns, "\(vector) does not scale the columns of \(a)")
    let result = empty(a.shape, a.type)
    let factors = converted(vector, to: .float32)
    lr_scale_columns(view(a), singles(factors), view(result), a.kernelRows, a.kernelColumns)
    return result
  }

  /// Row *i* of `a` times `vector[i]`.
  public func scaledRows(_ a: Tensor, by vector: Tensor) -> Tensor {
    precondition(vector.count == a.shape.rows, "\(vector) does not scale the rows of \(a)")
    let result = empty(a.shape, a.type)
    let factors = converted(vector, to: .float32)
    lr_scale_rows(view(a), singles(factors), view(result), a.kernelRows, a.kernelColumns)
    return result
  }

  /// Drops elements by Philox words of the key, from a given one on.
  public func dropout(_ a: Tensor, probability: Float, key: UInt64, first: Int) -> Tensor {
    precondition((0..<1).contains(probability), "cannot drop with probability \(probability)")
    let result = empty(a.shape, a.type)
    lr_dropout(flat(a), probability, key, Int64(first), flat(result), Int64(a.count))
    return result
  }
}
