/// Why a factorisation has no result.
public enum LinearAlgebraError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A matrix holds NaN or infinity.
  case notFinite(operation: String, rows: Int, columns: Int)
  /// The iteration of LAPACK did not converge.
  case notConverged(operation: String, rows: Int, columns: Int)
  /// A system of equations has no unique solution.
  case singular(size: Int)
  /// The library's kernels compute wrong results on this processor.
  case wrongKernels(LinearAlgebraLibrary)

  /// One sentence.
  public var description: String {
    switch self {
    case .notFinite(let operation, let rows, let columns):
      "the \(operation) of a \(rows) × \(columns) matrix that holds NaN or infinity does not exist"
    case .notConverged(let operation, let rows, let columns):
      "the \(operation) of a \(rows) × \(columns) matrix did not converge"
    case .singular(let size):
      "a system of \(size) equations is singular"
    case .wrongKernels(let library):
      """
      OpenBLAS \(library.version) computes wrong decompositions with its \(library.kernels) kernels on this processor; \
      set OPENBLAS_CORETYPE to others, such as Haswell or Prescott, or install another OpenBLAS
      """
    }
  }
}
