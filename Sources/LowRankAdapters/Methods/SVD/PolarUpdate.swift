import LowRankTensors
import LowRankTransformers

/// `s·X Θ Y` as one low-rank term.
struct PolarUpdate: TermUpdate {
  let path: String
  let scale, dropout: Float
  /// Y, `[rank, inputs]`.
  let down: Parameter
  /// Θ, `[rank, rank]`.
  let core: Parameter
  /// X, `[outputs, rank]`.
  let up: Parameter
  var parameters: [Parameter] { [up, core, down] }

  func factors(_ pass: Pass) -> (down: Tensor, up: Tensor) {
    (pass.compute.product(pass.value(core), pass.value(down), type: .float32), pass.value(up))
  }

  /// The same product with X and Y orthonormal: `X̂ (H Θ K) Ŷ`, with `X = X̂ H` and `Y = K Ŷ`.
  func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] {
    func matrix(_ parameter: Parameter) -> HostMatrix<Double> {
      HostMatrix(
        engine.floats(values[parameter]).map { Double($0) }, rows: parameter.shape[0],
        columns: parameter.shape[1])
    }
    let (x, y, theta) = (matrix(up), matrix(down), matrix(core))
    guard let (frame, h) = Self.polar(x), let (turned, k) = Self.polar(y.transposed) else {
      return parameters.map { FactorTensor($0.path, $0.shape, engine.floats(values[$0])) }
    }
    let own = [frame, h.multiplied(by: theta).multiplied(by: k), turned.transposed]
    return zip(parameters, own).map { parameter, matrix in
      FactorTensor(parameter.path, parameter.shape, matrix.elements.map { Float($0) })
    }
  }

  /// The polar decomposition `P = P̂ H` with `H = (PᵀP)^½`; P itself where it is orthonormal up to its rounding.
  ///
  /// - Returns: nil where P is not finite or has dependent columns.
  private static func polar(_ p: HostMatrix<Double>) -> (HostMatrix<Double>, HostMatrix<Double>)? {
    let gram = p.transposed.multiplied(by: p)
    guard gram.elements.allSatisfy(\.isFinite), let eigen = try? SymmetricEigenDecomposition(gram),
      let least = eigen.values.last, let largest = eigen.values.first, least > 1e-12 * largest
    else { return nil }
    func power(_ function: (Double) -> Double) -> HostMatrix<Double> {
      var scaled = eigen.vectors
      for (column, value) in eigen.values.enumerated() {
        for row in 0..<scaled.rows { scaled[row, column] *= function(value) }
      }
      return scaled.multiplied(by: eigen.vectors.transposed)
    }
    guard max(largest - 1, 1 - least) > 1e-5 else {
      var identity = HostMatrix<Double>(zeros: gram.rows, gram.rows)
      for index in 0..<gram.rows { identity[index, index] = 1 }
      return (p, identity)
    }
    return (p.multiplied(by: power { 1 / $0.squareRoot() }), power { $0.squareRoot() })
  }
}
