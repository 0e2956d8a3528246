import Foundation
import LowRankTensors

/// Products of factors with matrices of their rank.
///
/// Long sides are multiplied by the engine, in f32 or, in the reference engine, f64; what is left is r × r and f64.
struct PairAlgebra {
  let engine: any Engine

  /// `M Mᵀ` of a factor with few rows.
  func outer(_ m: Tensor) -> HostMatrix<Double> {
    small(Matrix(m), m.transposed)
  }

  /// `Mᵀ M` of a factor with few columns.
  func inner(_ m: Tensor) -> HostMatrix<Double> {
    small(m.transposed, Matrix(m))
  }

  /// A product whose result is r × r.
  func small(_ a: Matrix, _ b: Matrix) -> HostMatrix<Double> {
    let result = engine.product(a, b, storedAs: .float32)
    return HostMatrix(engine.doubles(result), rows: a.height, columns: b.width)
  }

  /// `s M T` with M r × r.
  func product(_ m: HostMatrix<Double>, _ t: Tensor, scale: Double = 1) -> Tensor {
    engine.product(
      Matrix(tensor(m)), Matrix(t), scale: Float(scale), storedAs: .float32)
  }

  /// `s T M` with M r × r.
  func product(_ t: Tensor, _ m: HostMatrix<Double>, scale: Double = 1) -> Tensor {
    engine.product(
      Matrix(t), Matrix(tensor(m)), scale: Float(scale), storedAs: .float32)
  }

  /// `a + s·b`.
  func sum(_ a: Tensor, _ b: Tensor, scale: Double = 1) -> Tensor {
    engine.sum(a, scale == 1 ? b : engine.scaled(b, by: Float(scale)))
  }

  private func tensor(_ m: HostMatrix<Double>) -> Tensor {
    engine.tensor(m.elements, [m.rows, m.columns])
  }
}

extension HostMatrix<Double> {
  /// `(M + δI)^p` of a symmetric matrix without negative eigenvalues.
  ///
  /// Directions whose eigenvalue vanishes beside the largest, by less than the rounding of f32, become 0, as in a
  /// pseudo-inverse.
  func power(_ exponent: Double, damping: Double = 0) throws(LinearAlgebraError) -> HostMatrix {
    let parts = try SymmetricEigenDecomposition(self)
    let values = parts.values.map { $0 + damping }
    let least = max(0, values.first ?? 0) * Double(rows) * 0x1p-23
    var scaled = parts.vectors
    for column in 0..<columns {
      let power = values[column] > least ? pow(values[column], exponent) : 0
      for row in 0..<rows { scaled[row, column] *= power }
    }
    return scaled.multiplied(by: parts.vectors.transposed)
  }

  /// `M + s·other`.
  func adding(_ other: HostMatrix, scale: Double = 1) -> HostMatrix {
    HostMatrix(
      zip(elements, other.elements).map { $0 + scale * $1 }, rows: rows, columns: columns)
  }
}
