import LowRankTensors

/// NoRA's Nyström start: B spans a random part of the columns of W, and A is zero.
///
/// `B = ξ·W Ω` with `Ω ~ N(0, 1/n)` `[n, r]`, `A = 0`: ΔW starts at zero, and A moves first. Li, Zhang, Mokhtari and He, arXiv
/// 2410.18965.
public struct NystromStart: Initialization {
  /// ξ.
  public let xi: Double

  /// Random combinations of the columns of the weight.
  public init(xi: Double = 1) { self.xi = xi }

  public var configurationValue: InitializationName { .named("nystrom") }
  public var needs: StartNeeds { StartNeeds(weight: true) }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let weight = try request.decomposable(by: "nystrom")
    var random = request.random
    let deviation = xi / Double(request.inputs).squareRoot()
    let sketch = HostMatrix(
      (0..<request.inputs * request.rank).map { _ in deviation * random.normal() },
      rows: request.inputs, columns: request.rank)
    return StartingFactors(
      down: [Float](repeating: 0, count: request.rank * request.inputs),
      up: weight.multiplied(by: sketch).elements.map { Float($0) })
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "nystrom", title: "Nyström start (NoRA)",
      citation: "Li, Zhang, Mokhtari and He, \"On the Crucial Role of Initialization for Matrix "
        + "Factorization\", ICLR 2025, arXiv 2410.18965",
      equation: "B = ξ·W Ω, Ω ~ N(0, 1/n), A = 0",
      mechanism: "B lies in the columns of W, which conditions the steps of A well.",
      useWhen: "Choose it with an optimizer that preconditions the factors.",
      options: [
        .number("xi", default: 1, in: 1e-6..<1e6, "ξ, the scale of B.")
      ], laws: Set(Law.allCases))
  ) { NystromStart(xi: $0.number("xi")) }
}
