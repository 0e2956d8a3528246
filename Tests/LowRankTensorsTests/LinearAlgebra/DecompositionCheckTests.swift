import LowRankTensors
import Testing

@Suite struct `The check of decompositions` {
  private func passes<Scalar>(_ decomposer: Decomposer<Scalar>) -> Bool {
    var check = DecompositionCheck<Scalar>()
    return check.passes(decomposer)
  }

  @Test func `passes on right ones`() throws {
    #expect(passes(Decomposer<Double>()))
    #expect(passes(Decomposer<Float>()))
    #expect(LinearAlgebraLibrary.decomposesRightly())
    try LinearAlgebraLibrary.check()
  }

  @Test func `fails on a product with one wrong number`() {
    func check<Scalar: LinearAlgebraScalar>(_ decomposer: Decomposer<Scalar>) {
      var spoilt = decomposer
      spoilt.product = {
        var result = try decomposer.product($0, $1)
        result[17, 23] += 0.01
        return result
      }
      #expect(!passes(spoilt))
    }
    check(Decomposer<Double>())
    check(Decomposer<Float>())
  }

  @Test func `fails on wrong singular values, and on vectors that are not orthonormal`() {
    let right = Decomposer<Double>()
    var spoilt = right
    spoilt.svd = {
      var (u, values, v) = try right.svd($0)
      values[5] *= 1.0001
      return (u, values, v)
    }
    #expect(!passes(spoilt))
    // The product stays the same.
    spoilt.svd = {
      var (u, values, v) = try right.svd($0)
      for row in 0..<u.rows { u[row, 3] *= 2 }
      for column in 0..<v.columns { v[3, column] /= 2 }
      return (u, values, v)
    }
    #expect(!passes(spoilt))
    spoilt.svd = {
      let (u, values, v) = try right.svd($0)
      return (u, values.map { _ in .nan }, v)
    }
    #expect(!passes(spoilt))
  }

  @Test func `fails on a wrong QR, triangle or eigenvector, and where one does not end well`() {
    let right = Decomposer<Double>()
    var spoilt = right
    spoilt.qr = {
      var (q, r) = try right.qr($0)
      r[0, 7] = 0
      return (q, r)
    }
    #expect(!passes(spoilt))
    spoilt = right
    spoilt.triangle = {
      var r = try right.triangle($0)
      r[2, 30] += 1e-3
      return r
    }
    #expect(!passes(spoilt))
    spoilt = right
    spoilt.eigen = {
      var (values, vectors) = try right.eigen($0)
      vectors[4, 4] += 1e-4
      return (values, vectors)
    }
    #expect(!passes(spoilt))
    spoilt = right
    spoilt.eigen = { _ in
      throw LinearAlgebraError.notConverged(operation: "eigendecomposition", rows: 1, columns: 1)
    }
    #expect(!passes(spoilt))
  }

  @Test func `names the kernels and what to set`() {
    let library = LinearAlgebraLibrary(
      config: "OpenBLAS 0.3.21 DYNAMIC_ARCH", kernels: "SkylakeX")
    #expect(
      LinearAlgebraError.wrongKernels(library).description == """
        OpenBLAS 0.3.21 computes wrong decompositions with its SkylakeX kernels on this processor; \
        set OPENBLAS_CORETYPE to others, such as Haswell or Prescott, or install another OpenBLAS
        """)
  }
}
