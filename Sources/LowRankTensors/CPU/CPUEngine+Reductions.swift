import CKernels

extension CPUEngine {
  /// The sum over rows, added up in blocks of rows in their order.
  public func columnSums(_ a: Tensor) -> Tensor { columnSums(a, view(nil)) }

  /// The sum over rows of `a · b`, added up in blocks of rows in their order.
  public func columnSums(_ a: Tensor, times b: Tensor) -> Tensor {
    precondition(a.shape == b.shape, "\(a) and \(b) differ in shape")
    return columnSums(a, view(b))
  }

  private func columnSums(_ a: Tensor, _ b: lr_view) -> Tensor {
    let result = empty([a.shape.columns], .float32)
    let partials = partialSums(of: a)
    lr_column_sums(
      view(a), b, singles(partials), singles(result), 0, a.kernelRows, a.kernelColumns)
    return result
  }

  /// Memory for the sums over rows, which are added up block by block.
  func partialSums(of a: Tensor, kinds: Int = 1) -> Tensor {
    empty([kinds * Int(lr_row_blocks(a.kernelRows)), a.shape.columns], .float32)
  }

  /// The Euclidean norm of each row.
  public func rowNorms(_ a: Tensor) -> Tensor {
    let result = empty([a.shape.rows], .float32)
    lr_row_norms(view(a), singles(result), a.kernelRows, a.kernelColumns)
    return result
  }

  /// The sum of squares, in f64 across blocks.
  public func sumOfSquares(_ a: Tensor) -> Double {
    let blocks = Int(lr_square_blocks(Int64(a.count)))
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) {
      lr_sum_of_squares(flat(a), $0.baseAddress, Int64(a.count))
    }
  }
}
