import LowRankTensors

/// EVA: A holds the leading principal directions of the module's inputs, and B is zero.
///
/// With C the covariance of the inputs, `C = V Λ Vᵀ`, `A = V_rᵀ`, `B = 0`. With ρ above 1 each module offers its first ρ·r
/// directions, and the run's ranks go to those that explain the largest shares λ / tr C of their module's variance.
/// Paischer et al., arXiv 2410.07170.
public struct EVAStart: Initialization {
  /// The batches over which inputs are read.
  public let batches: Int
  /// ρ, how many times its rank a module may get; 1 keeps the ranks.
  public let rankGrowth: Double

  /// The principal directions of the inputs.
  public init(batches: Int = 8, rho: Double = 2) {
    (self.batches, rankGrowth) = (batches, rho)
  }

  public var configurationValue: InitializationName { .named("eva") }
  public var needs: StartNeeds { StartNeeds(inputs: .trainedRows, batches: batches) }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `StartError`, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let inputs = try request.inputMoments(for: "eva")
    try request.requireRank(atMost: request.inputs, "the inputs of the map", for: "eva")
    // The mean takes one direction.
    guard inputs.count > request.rank else {
      throw StartError.tooFewRows("eva", request.path, rows: inputs.count, least: request.rank + 1)
    }
    let most = Int((rankGrowth * Double(request.rank)).rounded(.toNearestOrEven))
    let count = max(request.rank, min(most, request.inputs, inputs.count - 1))
    let covariance = inputs.covariance
    let (values, directions) = try inputs.shared.value("directions \(count)") {
      try covariance.leadingEigenvectors(count)
    }
    // What is smaller is rounding, of the moments or of the mean that is taken off them.
    let moment = (0..<covariance.rows).reduce(0) { $0 + Double(inputs.matrix[$1, $1]) }
    let floor = max(1e-7 * values[0], 1e-8 * moment)
    let found = values.prefix { $0 > floor }.count
    guard found >= request.rank else {
      throw StartError.singular(
        "eva", request.path,
        "its inputs vary in \(found) directions, fewer than the rank \(request.rank)")
    }
    let variance = (0..<covariance.rows).reduce(0) { $0 + covariance[$1, $1] }
    return StartingFactors(
      down: (0..<found).flatMap { Self.signed(directions, row: $0) },
      up: [Float](repeating: 0, count: request.outputs * found),
      shares: values.prefix(found).map { $0 / variance })
  }

  /// A direction whose largest number is positive.
  private static func signed(_ directions: HostMatrix<Double>, row: Int) -> [Float] {
    let numbers = (0..<directions.columns).map { directions[row, $0] }
    let largest = numbers.max { abs($0) < abs($1) } ?? 0
    return numbers.map { Float(largest < 0 ? -$0 : $0) }
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "eva", title: "EVA",
      citation: "Paischer et al., \"Parameter Efficient Fine-tuning via Explained Variance "
        + "Adaptation\", NeurIPS 2025, arXiv 2410.07170",
      equation: "cov(x) = V Λ Vᵀ, A = V_rᵀ, B = 0",
      mechanism:
        "A reads the directions in which the inputs vary most, and ranks go to the modules "
        + "whose directions explain most.",
      useWhen: "Choose it for fast learning without a change of the base's start; a pass over some "
        + "batches comes first.",
      options: [
        .batches,
        .number(
          "rho", default: 2, in: 1..<1000,
          "How many times its rank a module may get, out of the ranks of all; 1 keeps the ranks.",
          peftKey: "rho"),
      ], peftType: "eva", laws: Set(Law.allCases))
  ) { EVAStart(batches: $0.integer("batches"), rho: $0.number("rho")) }
}
