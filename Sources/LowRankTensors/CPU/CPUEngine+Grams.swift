import CLAPACK
import CKernels
import COneDNN

extension CPUEngine {
  /// Whether a product of bfloat16 takes less time than one of the same numbers in f32.
  ///
  /// AMX tiles multiply bfloat16 far faster, and AMD's AVX-512 twice as fast; Intel's AVX-512 takes longer than with f32.
  static let multipliesBFloat16Faster =
    multipliesBFloat16Natively && lr_fastest_products() != LR_AVX512

  /// bfloat16 in f32 where products of that are faster.
  public func summable(_ x: Tensor) -> Tensor {
    x.type == .bfloat16 && !Self.multipliesBFloat16Faster ? converted(x, to: .float32) : x
  }

  /// Adds `scale · xᵀ x`, in f32 by a symmetric update of OpenBLAS, which takes half the time of the product.
  public func addGram(_ x: Matrix, scale: Float, to c: inout Tensor, rows: Range<Int>?) {
    let rows = rows ?? 0..<c.shape.rows
    guard x.tensor.type == .float32, c.type == .float32, !x.isTransposed,
      (try? LinearAlgebraLibrary.check()) != nil
    else { return addProduct(x.transposed, x, scale: scale, to: &c, rows: rows, columns: nil) }
    precondition(
      rows.count == x.width && c.shape.columns == x.width && rows.upperBound <= c.shape.rows,
      "products of \(x.width) columns for rows \(rows) of \(c)")
    guard x.height > 0, x.width > 0 else { return }
    makeWritable(&c)
    _ = lr_threads()
    let from = singles(x.tensor) + x.rows.lowerBound * x.tensor.shape.columns + x.columns.lowerBound
    withExtendedLifetime(x) {
      cblas_ssyrk(
        CblasRowMajor, CblasUpper, CblasTrans, Int32(x.width), Int32(x.height), scale, from,
        Int32(x.tensor.shape.columns), 1, singles(c) + rows.lowerBound * c.shape.columns,
        Int32(c.shape.columns))
    }
  }
}
