import Foundation
import LowRank
import LowRankTesting

/// A function of the product of two factors whose least value is known.
package struct SampleProblem: Sendable {
  /// The name on the command line.
  package let name: String
  /// The name for people.
  package let title: String
  /// What is to be seen, in a sentence.
  package let about: String
  /// M, the product at which the function is least, `[outputs, inputs]`.
  package let target: HostMatrix<Double>
  /// The rank of the factors.
  package let rank: Int
  /// A is multiplied by it at the start and B divided by it.
  var gauge = 1.0
  /// The sensors A_i, one to a row; none where every entry of the product is seen.
  var sensors: HostMatrix<Double>?
  /// What is added to M in what is seen: noise.
  var noise: HostMatrix<Double>?

  /// The rows and columns of M.
  static let size = 24

  /// What the factors should become, with noise as far as their rank can.
  var seen: HostMatrix<Double> {
    guard let noise else { return target }
    return HostMatrix(
      zip(target.elements, noise.elements).map { $0 + $1 }, rows: target.rows,
      columns: target.columns)
  }

  /// The loss of a product and its gradient with respect to it.
  package func loss(of product: HostMatrix<Double>) -> (value: Double, gradient: HostMatrix<Double>)
  {
    let rest = product.subtracting(seen)
    guard let sensors else {
      return (0.5 * rest.elements.reduce(0) { $0 + $1 * $1 }, rest)
    }
    // ½/N Σ ⟨A_i, BA − M⟩².
    let column = HostMatrix(rest.elements, rows: rest.elements.count, columns: 1)
    let readings = sensors.multiplied(by: column)
    let count = Double(sensors.rows)
    let back = sensors.transposed.multiplied(by: readings).scaled(by: 1 / count)
    return (
      0.5 / count * readings.elements.reduce(0) { $0 + $1 * $1 },
      HostMatrix(back.elements, rows: rest.rows, columns: rest.columns)
    )
  }

  /// `‖BA − M‖ / ‖M‖`.
  package func error(of product: HostMatrix<Double>) -> Double {
    product.subtracting(target).frobeniusNorm / target.frobeniusNorm
  }

  /// Random factors of entries with a deviation of 0.3.
  func start() -> (down: [Double], up: [Double]) {
    var random = Philox(key: 5)
    let down = (0..<rank * target.columns).map { _ in 0.3 * gauge * random.normal() }
    return (down, (0..<target.rows * rank).map { _ in 0.3 / gauge * random.normal() })
  }

  /// Every problem.
  ///
  /// - Throws: `LinearAlgebraError`.
  package static func all() throws -> [SampleProblem] {
    var random = Philox(key: 3)
    func normal(_ rows: Int, _ columns: Int, deviation: Double = 1) -> HostMatrix<Double> {
      HostMatrix(
        (0..<rows * columns).map { _ in deviation * random.normal() }, rows: rows,
        columns: columns)
    }
    /// A matrix of rank r with singular values from 1 down to 1 / κ.
    func matrix(_ rank: Int, condition: Double) throws -> HostMatrix<Double> {
      var left = try QRDecomposition(normal(size, rank)).q
      for column in 0..<rank {
        let value = pow(condition, -Double(column) / Double(max(1, rank - 1)))
        for row in 0..<size { left[row, column] *= value }
      }
      return left.multiplied(by: try QRDecomposition(normal(size, rank)).q.transposed)
    }
    var problems = try [1.0, 10, 100].map { condition in
      SampleProblem(
        name: "factorization-\(Int(condition))",
        title: "Factorization, κ = \(Int(condition))",
        about: "½ ‖BA − M‖², M of rank 3 with singular values from 1 to 1/\(Int(condition)).",
        target: try matrix(3, condition: condition), rank: 3)
    }
    problems.append(
      SampleProblem(
        name: "gauge", title: "Ill-scaled gauge",
        about: "½ ‖BA − M‖², κ = 3, with A multiplied by 30 and B divided by 30 at the start.",
        target: try matrix(3, condition: 3), rank: 3, gauge: 30))
    problems.append(
      SampleProblem(
        name: "over-ranked", title: "Over-ranked",
        about: "½ ‖BA − M‖², M of rank 3, κ = 10, factors of rank 6.",
        target: try matrix(3, condition: 10), rank: 6))
    var sensing = SampleProblem(
      name: "sensing", title: "Sensing",
      about: "½/N Σ (⟨A_i, BA⟩ − y_i)² with 3 (m + n − 3) Gaussian sensors, M of rank 3, κ = 3.",
      target: try matrix(3, condition: 3), rank: 3)
    sensing.sensors = normal(3 * 3 * (2 * size - 3), size * size)
    problems.append(sensing)
    var spiked = SampleProblem(
      name: "spiked", title: "Spiked covariance",
      about: "½ ‖BA − (M + noise)‖², M one direction of size 1, noise of size 0.3: the error is "
        + "what is left of M.",
      target: try matrix(1, condition: 1), rank: 1)
    spiked.noise = normal(size, size, deviation: 0.3 / (2 * Double(size).squareRoot()))
    problems.append(spiked)
    return problems
  }
}
