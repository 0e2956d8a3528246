import CLAPACK

/// A number that LAPACK computes with: `Float` or `Double`.
///
/// LAPACK stores columns one after the other, and what is row-major here is its own transpose there: the
/// requirements below speak of LAPACK's side. Each returns LAPACK's status, 0 for success.
public protocol LinearAlgebraScalar: BinaryFloatingPoint, Sendable {
  /// `result = a · b` of row-major matrices.
  static func multiply(
    _ a: HostMatrix<Self>, _ b: HostMatrix<Self>, into result: inout HostMatrix<Self>)
  /// The thin singular value decomposition by divide and conquer; `a` is destroyed.
  static func gesdd(
    _ m: Int32, _ n: Int32, _ a: inout [Self], _ s: inout [Self], _ u: inout [Self],
    _ vt: inout [Self]
  ) -> Int32
  /// The same by the slower iteration that fails less.
  static func gesvd(
    _ m: Int32, _ n: Int32, _ a: inout [Self], _ s: inout [Self], _ u: inout [Self],
    _ vt: inout [Self]
  ) -> Int32
  /// The factors of `a = L Q`, packed.
  static func gelqf(_ m: Int32, _ n: Int32, _ a: inout [Self], _ tau: inout [Self]) -> Int32
  /// The first `k` rows of Q from what `gelqf` packed, with rows `stride` apart.
  static func orglq(
    _ k: Int32, _ n: Int32, _ a: inout [Self], _ stride: Int32, _ tau: [Self]
  ) -> Int32
  /// Eigenvalues, ascending, and eigenvectors instead of the matrix.
  static func syevd(_ n: Int32, _ a: inout [Self], _ values: inout [Self]) -> Int32
  /// The solution of a square system instead of the right sides, both row-major.
  static func gesv(_ n: Int32, _ sides: Int32, _ a: inout [Self], _ b: inout [Self]) -> Int32
}

private let thin = CChar(UInt8(ascii: "S"))
private let vectors = CChar(UInt8(ascii: "V"))
private let upper = CChar(UInt8(ascii: "U"))

extension Double: LinearAlgebraScalar {
  /// `cblas_dgemm`.
  public static func multiply(
    _ a: HostMatrix<Double>, _ b: HostMatrix<Double>, into result: inout HostMatrix<Double>
  ) {
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(a.rows), Int32(b.columns),
      Int32(a.columns), 1, a.elements, Int32(a.columns), b.elements, Int32(b.columns), 0,
      &result.elements, Int32(b.columns))
  }

  /// `LAPACKE_dgesdd`.
  public static func gesdd(
    _ m: Int32, _ n: Int32, _ a: inout [Double], _ s: inout [Double], _ u: inout [Double],
    _ vt: inout [Double]
  ) -> Int32 {
    LAPACKE_dgesdd(LAPACK_COL_MAJOR, thin, m, n, &a, m, &s, &u, m, &vt, min(m, n))
  }

  /// `LAPACKE_dgesvd`.
  public static func gesvd(
    _ m: Int32, _ n: Int32, _ a: inout [Double], _ s: inout [Double], _ u: inout [Double],
    _ vt: inout [Double]
  ) -> Int32 {
    var unconverged = [Double](repeating: 0, count: Int(min(m, n)))
    return LAPACKE_dgesvd(
      LAPACK_COL_MAJOR, thin, thin, m, n, &a, m, &s, &u, m, &vt, min(m, n), &unconverged)
  }

  /// `LAPACKE_dgelqf`.
  public static func gelqf(_ m: Int32, _ n: Int32, _ a: inout [Double], _ tau: inout [Double])
    -> Int32
  { LAPACKE_dgelqf(LAPACK_COL_MAJOR, m, n, &a, m, &tau) }

  /// `LAPACKE_dorglq`.
  public static func orglq(
    _ k: Int32, _ n: Int32, _ a: inout [Double], _ stride: Int32, _ tau: [Double]
  ) -> Int32 { LAPACKE_dorglq(LAPACK_COL_MAJOR, k, n, k, &a, stride, tau) }

  /// `LAPACKE_dsyevd`.
  public static func syevd(_ n: Int32, _ a: inout [Double], _ values: inout [Double]) -> Int32 {
    LAPACKE_dsyevd(LAPACK_COL_MAJOR, vectors, upper, n, &a, n, &values)
  }

  /// `LAPACKE_dgesv`.
  public static func gesv(_ n: Int32, _ sides: Int32, _ a: inout [Double], _ b: inout [Double])
    -> Int32
  {
    var pivots = [Int32](repeating: 0, count: Int(n))
    return LAPACKE_dgesv(LAPACK_ROW_MAJOR, n, sides, &a, n, &pivots, &b, sides)
  }
}

extension Float: LinearAlgebraScalar {
  /// `cblas_sgemm`.
  public static func multiply(
    _ a: HostMatrix<Float>, _ b: HostMatrix<Float>, into result: inout HostMatrix<Float>
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(a.rows), Int32(b.columns),
      Int32(a.columns), 1, a.elements, Int32(a.columns), b.elements, Int32(b.columns), 0,
      &result.elements, Int32(b.columns))
  }

  /// `LAPACKE_sgesdd`.
  public static func gesdd(
    _ m: Int32, _ n: Int32, _ a: inout [Float], _ s: inout [Float], _ u: inout [Float],
    _ vt: inout [Float]
  ) -> Int32 {
    LAPACKE_sgesdd(LAPACK_COL_MAJOR, thin, m, n, &a, m, &s, &u, m, &vt, min(m, n))
  }

  /// `LAPACKE_sgesvd`.
  public static func gesvd(
    _ m: Int32, _ n: Int32, _ a: inout [Float], _ s: inout [Float], _ u: inout [Float],
    _ vt: inout [Float]
  ) -> Int32 {
    var unconverged = [Float](repeating: 0, count: Int(min(m, n)))
    return LAPACKE_sgesvd(
      LAPACK_COL_MAJOR, thin, thin, m, n, &a, m, &s, &u, m, &vt, min(m, n), &unconverged)
  }

  /// `LAPACKE_sgelqf`.
  public static func gelqf(_ m: Int32, _ n: Int32, _ a: inout [Float], _ tau: inout [Float])
    -> Int32
  { LAPACKE_sgelqf(LAPACK_COL_MAJOR, m, n, &a, m, &tau) }

  /// `LAPACKE_sorglq`.
  public static func orglq(
    _ k: Int32, _ n: Int32, _ a: inout [Float], _ stride: Int32, _ tau: [Float]
  ) -> Int32 { LAPACKE_sorglq(LAPACK_COL_MAJOR, k, n, k, &a, stride, tau) }

  /// `LAPACKE_ssyevd`.
  public static func syevd(_ n: Int32, _ a: inout [Float], _ values: inout [Float]) -> Int32 {
    LAPACKE_ssyevd(LAPACK_COL_MAJOR, vectors, upper, n, &a, n, &values)
  }

  /// `LAPACKE_sgesv`.
  public static func gesv(_ n: Int32, _ sides: Int32, _ a: inout [Float], _ b: inout [Float])
    -> Int32
  {
    var pivots = [Int32](repeating: 0, count: Int(n))
    return LAPACKE_sgesv(LAPACK_ROW_MAJOR, n, sides, &a, n, &pivots, &b, sides)
  }
}
