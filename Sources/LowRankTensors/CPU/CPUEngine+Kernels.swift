import CKernels

/// Products by kernels of our own: they unpack and arrange the right factor part by part in the cache, whatever it is
/// stored as, and read the left one where it lies.
extension CPUEngine {
  /// `c = scale · a b + bias`, or `c += scale · a b`; false where the processor has no kernel for it or the library is
  /// better.
  ///
  /// - Parameter a: of the type that the product is computed in.
  func multiplyByKernel(
    _ a: Matrix, _ b: Matrix, bias: Tensor?, scale: Float, into c: lr_view, accumulating: Bool
  ) -> Bool {
    guard !a.isTransposed, a.tensor.type != .int32 else { return false }
    var product = lr_product()
    (product.m, product.n, product.k) = (Int64(a.height), Int64(b.width), Int64(a.width))
    let left = view(a.tensor, row: a.rows.lowerBound, column: a.columns.lowerBound)
    (product.inputs, product.a, product.a_stride) = (
      left.type, UnsafeRawPointer(left.data), left.stride
    )
    product.b = factor(b)
    if let bias {
      product.bias = UnsafeRawPointer(memory(bias))
      product.bias_type = bias.type.kernelType
    }
    (product.scale, product.accumulates, product.c) = (scale, accumulating ? 1 : 0, c)
    product.most = kernels
    guard lr_can_multiply(&product) != 0 else { return false }
    withExtendedLifetime((a, b, bias)) { lr_run_product(&product) }
    return true
  }

  /// Whether a kernel of ours is at least as fast as the library with dense factors, and takes less memory: it packs
  /// neither of them whole.
  ///
  /// Thin factors are the library's, as are processors without AVX-512.
  func servesKernel(_ a: Matrix, _ b: Matrix, _ inputs: ElementType) -> Bool {
    !a.isTransposed && a.height >= 32 && b.width >= 128 && a.width >= 128
      && lr_has_product_kernel(inputs.kernelType, LR_AVX512) != 0
  }

  private func factor(_ b: Matrix) -> lr_factor {
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
