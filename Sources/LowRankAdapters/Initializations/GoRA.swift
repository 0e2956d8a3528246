import LowRankTensors

/// GoRA: ranks by how important weights are, and a start whose product is a step down the gradient.
///
/// With G the gradient of W over some batches, the importance of a map is `I = mean |W ∘ G|`, and its rank
/// `⌊budget · I / ΣI⌋ / (m + n)` of the numbers that all maps have at the rank r, from r_min to growth · r. A starts as LoRA's does
/// and `B = −γ/(s √r) · G Aᵀ (A Aᵀ + δI)⁻¹`, so that `s·B A` is the part of `−γ/√r · G` within the rows of A. The authors' code has
/// +G; a step down needs the other sign. He et al., "GoRA: Gradient-driven Adaptive Low Rank Adaptation", NeurIPS 2025,
/// arXiv 2502.12171.
public struct GoRAStart: Initialization {
  /// The batches over which the gradient is taken.
  public let batches: Int
  /// How many times its rank a module may get.
  public let rankGrowth: Double
  /// The least rank of a module.
  public let least: Int
  /// γ.
  public let gamma: Double

  /// Ranks and factors from gradients.
  public init(batches: Int = 32, growth: Double = 4, least: Int = 4, gamma: Double = 0.05) {
    (self.batches, rankGrowth, self.least, self.gamma) = (batches, growth, least, gamma)
  }

  public var configurationValue: InitializationName { .named("gora") }
  public var changesModel: Bool { true }
  public var keepsScale: Bool { false }
  public var choosesRanks: Bool { true }
  public var rankGround: String { "the importance of their weights to the loss" }
  public var needs: StartNeeds { StartNeeds(weight: true, gradient: true, batches: batches) }

  /// A, `G Aᵀ` in the place of B, for the greatest rank, and the importance.
  ///
  /// - Throws: `StartError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let gradient = try request.weightGradient(for: "gora")
    var importance = 0.0
    for (weight, slope) in zip(request.weight(), gradient.elements) {
      importance += abs(Double(weight) * slope)
    }
    let count = most(request.rank, request.inputs, request.outputs)
    var random = request.random
    let down = random.uniforms(
      count * request.inputs, within: 1 / Float(request.inputs).squareRoot())
    let a = HostMatrix(down.map { Double($0) }, rows: count, columns: request.inputs)
    let projected = gradient.multiplied(by: a.transposed)
    return StartingFactors(
      down: down, up: projected.elements.map { Float($0) },
      importance: importance / Double(gradient.elements.count))
  }

  private func most(_ rank: Int, _ inputs: Int, _ outputs: Int) -> Int {
    max(1, min(Int(rankGrowth * Double(rank)), inputs, outputs))
  }

  /// The shares of the importance, in numbers of parameters; never below the least rank, nor above the greatest.
  public func ranks(of offers: [RankOffer]) -> [Int] {
    let whole = offers.reduce(0) { $0 + ($1.importance ?? 0) }
    let budget = offers.reduce(0) { $0 + $1.rank * $1.parametersPerRank }
    return offers.map { offer in
      let share = whole > 0 ? (offer.importance ?? 0) / whole : 1 / Double(offers.count)
      let wanted = Int((Double(budget) * share).rounded()) / offer.parametersPerRank
      let greatest = max(1, min(Int(rankGrowth * Double(offer.rank)), offer.most))
      return min(greatest, max(wanted, min(least, offer.rank, greatest)))
    }
  }

  /// B of a rank.
  public func cut(
    _ offered: StartingFactors, to rank: Int, of extents: MapExtents, scale: Double
  ) throws -> StartingFactors {
    let count = offered.down.count / extents.inputs
    let down = Array(offered.down.prefix(rank * extents.inputs))
    let a = HostMatrix(down.map { Double($0) }, rows: rank, columns: extents.inputs)
    let projected = HostMatrix(
      (0..<extents.outputs).flatMap { row in
        offered.up[row * count..<row * count + rank].map { Double($0) }
      }, rows: extents.outputs, columns: rank)
    var gram = a.multiplied(by: a.transposed)
    for index in 0..<rank { gram[index, index] += 1e-8 }
    let solved = try gram.solve(projected.transposed).transposed
    let factor = -gamma / (scale * Double(rank).squareRoot())
    return StartingFactors(down: down, up: solved.elements.map { Float(factor * $0) })
  }

  static let rule = MethodRegistry<RankRule>.Entry(
    MethodCard(
      name: "gora", title: "GoRA",
      citation: "He et al., \"GoRA: Gradient-driven Adaptive Low Rank Adaptation\", NeurIPS 2025, "
        + "arXiv 2502.12171",
      equation: "rank ∝ mean |W ∘ ∂L/∂W|, B = −γ/(s √r) · G Aᵀ (A Aᵀ)⁻¹, s = α / √r",
      mechanism: "Maps whose weights the loss depends on get larger ranks, and the start is a step "
        + "down the gradient within the rows of A.",
      useWhen: "Choose it where modules differ in how much they have to learn; a pass over some "
        + "batches comes first, and a fresh adapter already changes the model.",
      options: [
        .rslora(default: true),
        .integer(
          "batches", default: 32, in: 1...100_000,
          "The batches of the run, from its first, over which gradients are taken; at most an epoch."
        ),
        .integer(
          "r_min", default: 4, in: 1...AdapterConfiguration.greatestRank,
          "The least rank of a module, unless the run's rank is smaller."),
        .number(
          "growth", default: 4, in: 1..<1000, "How many times the run's rank a module may get."),
        .number(
          "gamma", default: 0.05, in: 0..<Double.infinity,
          "How far the start goes down the gradient, γ."),
      ])
  ) { options in
    RankRule(
      isRankStabilized: options.boolean("rslora"), architectures: ["lora", "dora"],
      reason: "its start is a product B A",
      start: GoRAStart(
        batches: options.integer("batches"), growth: options.number("growth"),
        least: options.integer("r_min"), gamma: options.number("gamma")))
  }
}
