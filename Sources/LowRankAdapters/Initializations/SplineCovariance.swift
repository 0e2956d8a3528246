import LowRankTensors

/// Smooth principal directions: A holds the leading eigenvectors of the inputs' covariance less a roughness penalty, and B is
/// zero.
///
/// `A = Vᵀ`, V maximising `tr Vᵀ (C − τΩ) V` over orthonormal V `[n, r]`; C is the covariance of the inputs and Ω the bending
/// energy of the natural cubic spline through a direction's numbers along a coordinate of the channels: their own order,
/// or one in which correlated channels are neighbours (the Fiedler vector of |corr|). τ is 0 or λ₁·10^k, whichever leaves the
/// least variance of held-out examples unexplained. Shrinking C towards a multiple of I changes no direction, only
/// the unit of τ. After Wang and Huang, "Regularized Principal Component Analysis for Spatial Data", Journal of Computational and
/// Graphical Statistics 26(1), 2017, without its sparsity.
public struct SplineCovarianceStart: Initialization {
  /// The coordinate along which directions are smooth.
  public enum Coordinate: String, Sendable, CaseIterable {
    /// An order that makes correlated channels neighbours.
    case seriation
    /// The order of the channels: heads and their dimensions before an attention's output.
    case channels
  }

  /// The coordinate.
  public let coordinate: Coordinate
  /// The parts of the examples that are held out in turn.
  public let folds: Int
  /// The batches over which inputs are read.
  public let batches: Int

  /// Smooth principal directions of the inputs.
  public init(coordinate: Coordinate = .seriation, folds: Int = 3, batches: Int = 8) {
    (self.coordinate, self.folds, self.batches) = (coordinate, folds, batches)
  }

  public var configurationValue: InitializationName { .named("spline-covariance") }
  public var needs: StartNeeds {
    StartNeeds(inputs: .trainedRows, folds: folds, batches: batches)
  }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `StartError`, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let name = configurationValue.text
    let inputs = try request.inputMoments(for: name)
    let (size, rank) = (request.inputs, request.rank)
    try request.requireRank(atMost: size, "the inputs of the map", for: name)
    let parts = (request.statistics?.folds ?? []).filter { $0.count > 0 }
    guard inputs.count > rank, parts.count > 1 else {
      throw StartError.tooFewRows(name, request.path, rows: inputs.count, least: rank + 2)
    }
    let whole = inputs.covariance
    let order = coordinate == .channels ? Array(0..<size) : try Self.seriation(of: whole)
    let covariance = Self.permuted(whole, order)
    let penalty = Self.bendingEnergy(size)
    let largest = try covariance.leadingEigenvectors(1).values[0]
    guard largest > 0 else {
      throw StartError.singular(name, request.path, "its inputs do not vary")
    }
    var (best, least) = (0.0, Double.infinity)
    for step in -5...2 {
      let weight = step == -5 ? 0 : largest * Double.tenTo(step)
      var rest = 0.0
      for held in parts.indices {
        let seen = Self.merged(parts.indices.filter { $0 != held }.map { parts[$0] })
        let directions = try Self.smooth(
          Self.permuted(seen.covariance, order), penalty, weight, rank)
        rest += Self.unexplained(Self.permuted(parts[held].covariance, order), directions)
      }
      if rest < least * (1 - 1e-9) { (best, least) = (weight, rest) }
    }
    let directions = try Self.smooth(covariance, penalty, best, rank)
    var down = [Float](repeating: 0, count: rank * size)
    for row in 0..<rank {
      let extreme = (0..<size).map { directions[row, $0] }.max { abs($0) < abs($1) } ?? 0
      for (place, channel) in order.enumerated() {
        down[row * size + channel] = Float(
          extreme < 0 ? -directions[row, place] : directions[row, place])
      }
    }
    return StartingFactors(down: down, up: [Float](repeating: 0, count: request.outputs * rank))
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "spline-covariance", title: "Smooth principal directions",
      citation: "after Wang and Huang, \"Regularized Principal Component Analysis for Spatial "
        + "Data\", Journal of Computational and Graphical Statistics 26(1), 2017",
      equation: "A = Vᵀ, V = argmax tr Vᵀ (cov(x) − τΩ) V over VᵀV = I, B = 0",
      mechanism:
        "Directions that are smooth along a coordinate of the channels vary less from sample "
        + "to sample, and can be read.",
      useWhen:
        "Choose it with few rows, or to read what A looks at; it takes many decompositions of "
        + "n × n for every module.",
      options: [
        .batches,
        .choice(
          "coordinate", default: "seriation", of: Coordinate.allCases.map(\.rawValue),
          "The coordinate along which directions are smooth: an order by correlation, or that of the "
            + "channels."),
        .integer(
          "folds", default: 3, in: 2...20,
          "The parts of the examples that are held out in turn to choose τ."),
      ], laws: Set(Law.allCases))
  ) {
    SplineCovarianceStart(
      coordinate: Coordinate(rawValue: $0.choice("coordinate")) ?? .seriation,
      folds: $0.integer("folds"), batches: $0.integer("batches"))
  }
}

extension SplineCovarianceStart {
  /// The leading eigenvectors of `C − τΩ` as rows.
  private static func smooth(
    _ covariance: HostMatrix<Double>, _ penalty: HostMatrix<Double>, _ weight: Double, _ rank: Int
  ) throws -> HostMatrix<Double> {
    let eigen = try SymmetricEigenDecomposition(
      covariance.subtracting(penalty.scaled(by: weight)))
    return eigen.vectors.columns(0..<rank).transposed
  }

  /// `tr C − tr V C Vᵀ`.
  private static func unexplained(
    _ covariance: HostMatrix<Double>, _ rows: HostMatrix<Double>
  ) -> Double {
    let seen = rows.multiplied(by: covariance)
    var result = (0..<covariance.rows).reduce(0) { $0 + covariance[$1, $1] }
    for index in rows.elements.indices { result -= seen.elements[index] * rows.elements[index] }
    return result
  }

  /// The channels in the order of the Fiedler vector of the graph whose weights are |corr|.
  static func seriation(of covariance: HostMatrix<Double>) throws -> [Int] {
    let size = covariance.rows
    let roots = (0..<size).map { max(covariance[$0, $0], 0).squareRoot() }
    var laplacian = HostMatrix<Double>(zeros: size, size)
    for row in 0..<size {
      for column in 0..<size where row != column && roots[row] * roots[column] > 0 {
        let weight = abs(covariance[row, column]) / (roots[row] * roots[column])
        laplacian[row, column] = -weight
        laplacian[row, row] += weight
      }
    }
    guard size > 2 else { return Array(0..<size) }
    let vectors = try SymmetricEigenDecomposition(laplacian).vectors
    // The last one is constant.
    let values = (0..<size).map { vectors[$0, size - 2] }
    return (0..<size).sorted { (values[$0], $0) < (values[$1], $1) }
  }

  private static func permuted(
    _ matrix: HostMatrix<Double>, _ order: [Int]
  ) -> HostMatrix<Double> {
    var result = HostMatrix<Double>(zeros: order.count, order.count)
    for (row, from) in order.enumerated() {
      for (column, other) in order.enumerated() { result[row, column] = matrix[from, other] }
    }
    return result
  }

  /// `Q R⁻¹ Qᵀ`, the bending energy of the natural cubic spline through numbers at unit distances (Reinsch).
  static func bendingEnergy(_ size: Int) -> HostMatrix<Double> {
    let inner = size - 2
    var result = HostMatrix<Double>(zeros: size, size)
    guard inner > 0 else { return result }
    // R has 2/3 on its diagonal and 1/6 beside it.
    var pivots = [Double](repeating: 2.0 / 3, count: inner)
    for index in 1..<max(1, inner) { pivots[index] -= 1 / (36 * pivots[index - 1]) }
    func second(_ column: Int, _ row: Int) -> Double {
      switch column - row {
      case 0, 2: 1
      case 1: -2
      default: 0
      }
    }
    for column in 0..<size {
      var x = (0..<inner).map { second(column, $0) }
      for index in 1..<max(1, inner) { x[index] -= x[index - 1] / (6 * pivots[index - 1]) }
      x[inner - 1] /= pivots[inner - 1]
      for index in stride(from: inner - 2, through: 0, by: -1) {
        x[index] = (x[index] - x[index + 1] / 6) / pivots[index]
      }
      for (index, value) in x.enumerated() {
        result[index, column] += value
        result[index + 1, column] -= 2 * value
        result[index + 2, column] += value
      }
    }
    return result
  }

  private static func merged(_ parts: [SecondMoments]) -> SecondMoments {
    let count = parts.reduce(0) { $0 + $1.count }
    var mean = [Double](repeating: 0, count: parts[0].mean.count)
    var matrix = HostMatrix<Float>(zeros: mean.count, mean.count)
    for part in parts {
      let share = Double(part.count) / Double(count)
      for index in mean.indices { mean[index] += share * part.mean[index] }
      for index in matrix.elements.indices {
        matrix.elements[index] += Float(share) * part.matrix.elements[index]
      }
    }
    return SecondMoments(count: count, mean: mean, matrix: matrix, fourth: 0)
  }
}

extension Double {
  fileprivate static func tenTo(_ power: Int) -> Double {
    (0..<abs(power)).reduce(1) { value, _ in power < 0 ? value / 10 : value * 10 }
  }
}
