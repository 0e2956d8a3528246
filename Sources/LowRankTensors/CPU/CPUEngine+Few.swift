import CKernels

/// Products of a few rows, as generation has them: the time is that of reading the weight.
extension CPUEngine {
  /// `c = scale · a Wᵀ + bias`, or `c += scale · a Wᵀ`, for up to eight rows a; false for another form.
  func multiplyFew(
    _ a: Matrix, _ b: Matrix, bias: Tensor?, scale: Float, into c: lr_view, accumulating: Bool
  ) -> Bool {
    let isWide = a.width.isMultiple(of: max(32, b.tensor.type.block.count))
    guard a.height <= Int(LR_FEW), !a.isTransposed, b.isTransposed, isWide,
      b.columns.lowerBound.isMultiple(of: b.tensor.type.block.count)
    else { return false }
    let (m, n) = (Int64(a.height), Int64(b.width))
    // The kernel knows 1, 2, 4 and 8 rows.
    let few: Int64 = [1, 2, 4].first { m <= $0 } ?? Int64(LR_FEW)
    let isInPlace = few == m && c.type == LR_F32
    let sum = isInPlace ? nil : empty([Int(few), b.width], .float32)
    let target = sum.map { view($0) } ?? c
    if let bias {
      lr_fill_rows(singles(converted(bias, to: .float32)), target, few, n)
    } else if !(isInPlace && accumulating) {
      lr_clear(target, few, n)
    }
    let rows = self.rows(of: a, count: few)
    let x = view(rows.tensor, row: rows.rows.lowerBound, column: rows.columns.lowerBound)
    var product = lr_few()
    (product.few, product.n, product.k) = (few, n, Int64(a.width))
    (product.x, product.x_stride) = (
      UnsafePointer(x.data.assumingMemoryBound(to: Float.self)), x.stride
    )
    product.b = factor(b)
    (product.c, product.c_stride) = (
      target.data.assumingMemoryBound(to: Float.self), target.stride
    )
    (product.scale, product.most) = (scale, kernels)
    withExtendedLifetime((rows, b, sum)) { lr_multiply_few(&product) }
    if let sum {
      accumulating ? lr_add(c, view(sum), 1, c, m, n) : lr_copy(view(sum), c, m, n)
    }
    return true
  }

  /// The rows in f32, and as many more of zeros as the kernel needs.
  private func rows(of a: Matrix, count: Int64) -> Matrix {
    if a.tensor.type == .float32 && count == a.height { return a }
    let rows = zeros([Int(count), a.width], type: .float32)
    lr_copy(
      view(a.tensor, row: a.rows.lowerBound, column: a.columns.lowerBound), view(rows),
      Int64(a.height), Int64(a.width))
    return Matrix(rows)
  }
}
