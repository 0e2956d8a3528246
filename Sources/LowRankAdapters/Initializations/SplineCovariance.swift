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
    let down = try inputs.shared.value("\(self), \(rank)") {
      try directions(rank, inputs, parts, at: request.path)
    }
    return StartingFactors(down: down, up: [Float](repeating: 0, count: request.outputs * rank))
  }

  /// A, with the channels in their own order.
  private func directions(
    _ rank: Int, _ inputs: SecondMoments, _ parts: [SecondMoments], at path: String
  ) throws -> [Float] {
    let size = inputs.mean.count
    var order = Array(0..<size)
    if coordinate == .seriation { order = try Seriation(inputs.covariance).order }
    let smooth = SmoothDirections(rank, of: size)
    let covariance = [inputs].covariance(in: order)
    let principal = try smooth.found(in: covariance, weight: 0, from: nil, isFinal: true)
    guard principal.largest > 0 else {
      throw StartError.singular(configurationValue.text, path, "its inputs do not vary")
    }
    let weights = (-5...2).map { $0 == -5 ? 0 : principal.largest * Double.tenTo($0) }
    var rest = [Double](repeating: 0, count: weights.count)
    for held in parts.indices {
      let unseen = [parts[held]].covariance(in: order)
      let seen = parts.indices.filter { $0 != held }.map { parts[$0] }.covariance(in: order)
      // One penalty's directions are near the next one's.
      var block = principal.block
      for (index, weight) in weights.enumerated() {
        let found = try smooth.found(in: seen, weight: weight, from: block, isFinal: false)
        rest[index] += Self.unexplained(unseen, found.rows)
        block = found.block
      }
    }
    var best = 0
    for index in rest.indices where rest[index] < rest[best] * (1 - 1e-9) { best = index }
    let chosen =
      best == 0
      ? principal
      : try smooth.found(
        in: covariance, weight: weights[best], from: principal.block, isFinal: true)
    var down = [Float](repeating: 0, count: rank * size)
    for row in 0..<rank {
      let extreme = (0..<size).map { chosen.rows[row, $0] }.max { abs($0) < abs($1) } ?? 0
      for (place, channel) in order.enumerated() {
        down[row * size + channel] = Float(
          extreme < 0 ? -chosen.rows[row, place] : chosen.rows[row, place])
      }
    }
    return down
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
        "Choose it with few rows, or to read what A looks at; it looks for the directions of n × n "
        + "matrices two dozen times for every module.",
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
  /// `tr C − tr V C Vᵀ`.
  private static func unexplained(
    _ covariance: HostMatrix<Double>, _ rows: HostMatrix<Double>
  ) -> Double {
    let seen = rows.multiplied(by: covariance)
    var result = (0..<covariance.rows).reduce(0) { $0 + covariance[$1, $1] }
    for index in rows.elements.indices { result -= seen.elements[index] * rows.elements[index] }
    return result
  }
}

extension [SecondMoments] {
  /// The covariance of all their rows together, with the channels in an order.
  fileprivate func covariance(in order: [Int]) -> HostMatrix<Double> {
    let count = reduce(0) { $0 + $1.count }
    let shares = map { Double($0.count) / Double(Swift.max(1, count)) }
    var mean = [Double](repeating: 0, count: order.count)
    for (share, part) in zip(shares, self) {
      for (place, channel) in order.enumerated() { mean[place] += share * part.mean[channel] }
    }
    let size = order.count
    var result = HostMatrix<Double>(zeros: size, size)
    result.elements.withUnsafeMutableBufferPointer { result in
      for row in 0..<size {
        let target = row * size
        for column in 0..<size { result[target + column] = -mean[row] * mean[column] }
        for (share, part) in zip(shares, self) {
          part.matrix.elements.withUnsafeBufferPointer { matrix in
            let from = order[row] * size
            for column in 0..<size {
              result[target + column] += share * Double(matrix[from + order[column]])
            }
          }
        }
      }
    }
    return result
  }
}

extension Double {
  fileprivate static func tenTo(_ power: Int) -> Double {
    (0..<abs(power)).reduce(1) { value, _ in power < 0 ? value / 10 : value * 10 }
  }
}
