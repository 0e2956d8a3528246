import LowRankTensors

/// The balanced factors `B = U √Σ` and `A = √Σ Vᵀ` of a truncated singular value decomposition.
///
/// Of all factors of one product they have the least `‖A‖_F² + ‖B‖_F²`.
func balancedFactors<Scalar>(
  _ left: HostMatrix<Scalar>, _ values: some Sequence<Scalar>, _ right: HostMatrix<Scalar>
) -> (up: HostMatrix<Scalar>, down: HostMatrix<Scalar>) {
  var (up, down) = (left, right)
  for (index, value) in values.enumerated() {
    let root = value.squareRoot()
    for row in 0..<up.rows { up[row, index] *= root }
    for column in 0..<down.columns { down[index, column] *= root }
  }
  return (up, down)
}
