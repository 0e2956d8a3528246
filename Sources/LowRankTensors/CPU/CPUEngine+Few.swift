import CKernels

/// Products of a few rows, as generation has them: the time is that of reading and widening the weight.
extension CPUEngine {
  /// `c = scale · a Wᵀ + bias`, or `c += scale · a Wᵀ`, for a few rows a; false for another form.
  func multiplyFew(
    _ a: Matrix, _ b: Matrix, bias: Tensor?, scale: Float, into c: lr_view, accumulating: Bool
  ) -> Bool {
    guard isFew(a, b, in: a.tensor.type) else { return false }
    let (m, n) = (Int64(a.height), Int64(b.width))
    // The kernel does not know three rows.
    let few = m == 3 ? 4 : m
    let isInPlace = few == m && c.type == LR_F32
    let sum = isInPlace ? nil : empty([Int(few), b.width], .float32)
    let target = sum.map { view($0) } ?? c
    if let bias { lr_fill_rows(singles(converted(bias, to: .float32)), target, few, n) }
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
    product.accumulates = bias != nil || (isInPlace && accumulating) ? 1 : 0
    withExtendedLifetime((rows, b, sum)) { lr_multiply_few(&product) }
    if let sum {
      accumulating ? lr_add(c, view(sum), 1, c, m, n) : lr_copy(view(sum), c, m, n)
    }
    return true
  }

  /// Whether `a b`, with `a` in a type, has the form and the number of rows for which this kernel takes less time than those that
  /// pack the weight.
  ///
  /// It multiplies f32: a processor that multiplies bfloat16 faster soon repays packing, the sooner where nothing is unpacked.
  func isFew(_ a: Matrix, _ b: Matrix, in type: ElementType) -> Bool {
    let block = b.tensor.type.block.count
    guard a.height <= Int(LR_FEW), !a.isTransposed, b.isTransposed,
      a.width.isMultiple(of: max(32, block)), b.columns.lowerBound.isMultiple(of: block)
    else { return false }
    let isVectorized = kernels.rawValue >= LR_AVX2.rawValue && lr_has_products(LR_AVX2) != 0
    // In f32, more rows are added up in the order of long passes.
    guard isVectorized, type == .bfloat16 else { return a.height <= 8 }
    guard Self.multipliesBFloat16Faster else { return true }
    return a.height <= (b.tensor.type.isPacked ? 24 : 8)
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
