import Foundation
import LowRankTensors

/// The principal angles between two subspaces, and the distances that follow from them.
///
/// With orthonormal bases U and U', `cos θᵢ` are the singular values of `UᵀU'`.
public struct PrincipalAngles: Hashable, Sendable {
  /// θ in radians, smallest first; as many as the smaller subspace has dimensions.
  public let angles: [Double]

  /// The angles between the columns of two orthonormal matrices.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public init(_ a: HostMatrix<Double>, _ b: HostMatrix<Double>) throws(LinearAlgebraError) {
    precondition(a.rows == b.rows, "subspaces of \(a.rows) and of \(b.rows) dimensions")
    let (smaller, larger) = a.columns <= b.columns ? (a, b) : (b, a)
    let products = larger.transposed.multiplied(by: smaller)
    let cosines = try SingularValueDecomposition(products).values
    // Small angles come from sines, what of the smaller basis is outside the larger: cosines round them away.
    let outside = smaller.subtracting(larger.multiplied(by: products))
    let sines = try SingularValueDecomposition(outside).values.reversed()
    angles = zip(cosines, sines).map { cosine, sine in
      cosine * cosine < 0.5 ? acos(min(1, max(0, cosine))) : asin(min(1, max(0, sine)))
    }
  }

  /// The geodesic distance on the Grassmann manifold, ‖θ‖₂.
  public var geodesicDistance: Double { angles.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The projection distance √Σ sin²θ, so that φ = 1 − d²/p for p angles.
  public var projectionDistance: Double {
    angles.reduce(0) { $0 + sin($1) * sin($1) }.squareRoot()
  }
}
