import CKernels

/// Products by kernels of our own: they unpack and arrange the right factor part by part in the cache, whatever it is
/// stored as, and read the left one where it lies.
extension CPUEngine {
  /// `c = scale · (a b + z u) + bias`, or `c += scale · (a b + z u)`; false where the processor has no kernel for it or
  /// the library is faster.
  ///
  /// - Parameters:
  ///   - a: of the type that the product is computed in.
  ///   - term: likewise z; none where nil.
  func multiplyByKernel(
    _ a: Matrix, _ b: Matrix, plus term: LowRankProduct? = nil, bias: Tensor?, scale: Float,
    into c: lr_view, accumulating: Bool
  ) -> Bool {
    guard !a.isTransposed, a.tensor.type != .int32 else { return false }
    var product = lr_product()
    (product.m, product.n, product.k) = (Int64(a.height), Int64(b.width), Int64(a.width))
    let left = rectangle(a)
    (product.inputs, product.a, product.a_stride) = (
      left.type, UnsafeRawPointer(left.data), left.stride
    )
    product.b = factor(b)
    if let term {
      let z = rectangle(term.hidden)
      guard !term.hidden.isTransposed, z.type == left.type else { return false }
      (product.rank, product.z, product.z_stride) = (
        Int64(term.hidden.width), UnsafeRawPointer(z.data), z.stride
      )
      product.u = factor(term.factor)
    }
    if let bias {
      product.bias = UnsafeRawPointer(memory(bias))
      product.bias_type = bias.type.kernelType
    }
    (product.scale, product.accumulates, product.c) = (scale, accumulating ? 1 : 0, c)
    product.most = kernels
    guard lr_can_multiply(&product) != 0 else { return false }
    withExtendedLifetime((a, b, term, bias)) { lr_run_product(&product) }
    return true
  }

  /// `c = a b + z u + bias`, or `c += a b + z u`; false where the library or several steps are better.
  func multiplyByKernel(
    _ a: Matrix, _ b: Matrix, plus term: LowRankProduct, bias: Tensor?, into c: lr_view,
    accumulating: Bool
  ) -> Bool {
    precondition(
      term.hidden.height == a.height && term.factor.width == b.width && a.width == b.height,
      "a term [\(term.hidden.height), \(term.factor.width)] of [\(a.height), \(b.width)]")
    let inputs = factorType(a, b)
    guard !a.tensor.type.isPacked, a.height > 0, b.width > 0, a.width > 0,
      b.tensor.type.isPacked || servesKernel(a, b)
    else { return false }
    let term = LowRankProduct(operand(term.hidden, as: inputs), term.factor)
    return multiplyByKernel(
      operand(a, as: inputs), b, plus: term, bias: bias, scale: 1, into: c,
      accumulating: accumulating)
  }

  /// The gradient of a thin factor, `c = scale · aᵀ b` or `c += scale · aᵀ b` where a or b has few columns; false where there is
  /// no kernel for it.
  func addOuterByKernel(
    _ a: Matrix, _ b: Matrix, _ inputs: ElementType, scale: Float, into c: lr_view,
    accumulating: Bool
  ) -> Bool {
    guard a.isTransposed, !b.isTransposed else { return false }
    let isTurned = a.height > b.width
    var sum = lr_outer()
    (sum.terms, sum.inputs, sum.scale) = (Int64(a.width), inputs.kernelType, scale)
    (sum.rank, sum.n) = (Int64(min(a.height, b.width)), Int64(max(a.height, b.width)))
    sum.most = kernels
    guard lr_can_sum_outer(&sum) != 0 else { return false }
    let left = operand(a.transposed, as: inputs)
    let right = operand(b, as: inputs)
    let (from, across) =
      isTurned ? (rectangle(right), rectangle(left)) : (rectangle(left), rectangle(right))
    (sum.thin, sum.thin_stride) = (UnsafeRawPointer(from.data), from.stride)
    (sum.wide, sum.wide_stride) = (UnsafeRawPointer(across.data), across.stride)
    (sum.accumulates, sum.turned, sum.c) = (accumulating ? 1 : 0, isTurned ? 1 : 0, c)
    withExtendedLifetime((left, right)) { lr_sum_outer(&sum) }
    return true
  }

  /// Whether a kernel of ours is at least as fast as the library with dense factors, and takes less memory: it packs
  /// neither of them whole.
  ///
  /// Small products are the library's, as are processors without AVX-512.
  func servesKernel(_ a: Matrix, _ b: Matrix) -> Bool {
    !a.isTransposed && a.height >= Self.manyRows && max(b.width, a.width) >= 128
      && kernels.rawValue >= LR_AVX512.rawValue
      && lr_has_products(LR_AVX512) != 0
  }

  /// The rows from which packing a factor for a product pays.
  private static let manyRows = 32

  private func rectangle(_ matrix: Matrix) -> lr_view {
    view(matrix.tensor, row: matrix.rows.lowerBound, column: matrix.columns.lowerBound)
  }

  /// A right factor as kernels see it.
  func factor(_ b: Matrix) -> lr_factor {
    let tensor = b.tensor
    var factor = lr_factor()
    factor.data = UnsafeRawPointer(memory(tensor))
    factor.row_bytes = Int64(tensor.type.bytes(of: tensor.shape.columns))
    (factor.row, factor.column) = (Int64(b.rows.lowerBound), Int64(b.columns.lowerBound))
    factor.transposed = b.isTransposed ? 1 : 0
    factor.block = Int64(tensor.type.block.count)
    if tensor.type.isPacked {
      factor.is_packed = 1
      factor.packed = tensor.type.packedType
    } else {
      factor.type = tensor.type.kernelType
    }
    return factor
  }
}
