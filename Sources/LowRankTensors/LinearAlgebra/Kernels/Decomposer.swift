/// The functions that OpenBLAS computes, so that a check can call them and tests can replace them.
package struct Decomposer<Scalar: LinearAlgebraScalar> {
  /// `a · b`.
  package var product: (HostMatrix<Scalar>, HostMatrix<Scalar>) throws -> HostMatrix<Scalar>
  /// U, the singular values, and Vᵀ.
  package var svd: (HostMatrix<Scalar>) throws -> (HostMatrix<Scalar>, [Scalar], HostMatrix<Scalar>)
  /// Q and R.
  package var qr: (HostMatrix<Scalar>) throws -> (HostMatrix<Scalar>, HostMatrix<Scalar>)
  /// R alone, as `TriangularFactor` finds it.
  package var triangle: (HostMatrix<Scalar>) throws -> HostMatrix<Scalar>
  /// The eigenvalues and eigenvectors of a symmetric matrix.
  package var eigen: (HostMatrix<Scalar>) throws -> ([Scalar], HostMatrix<Scalar>)

  /// The library's functions, without a check of the kernels.
  package init() {
    product = { $0.multiplied(by: $1) }
    svd = {
      let svd = try SingularValueDecomposition(unchecked: $0)
      return (svd.left, svd.values, svd.right)
    }
    qr = {
      let qr = try QRDecomposition(unchecked: $0)
      return (qr.q, qr.r)
    }
    triangle = { try TriangularFactor(unchecked: $0).r }
    eigen = {
      let eigen = try SymmetricEigenDecomposition(unchecked: $0)
      return (eigen.values, eigen.vectors)
    }
  }
}
