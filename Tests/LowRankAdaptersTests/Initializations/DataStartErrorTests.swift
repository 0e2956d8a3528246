import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A start from statistics is refused` {
  private func expect(
    _ start: any Initialization, rank: Int = 2, _ sentence: String,
    _ statistics: (@Sendable (StartRequest) -> SiteStatistics)? = nil
  ) throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let planted = statistics.map { PlantedStart(start, $0) as any Initialization }
    #expect {
      try Adapter(
        on: model, targets: .named("up_proj"), update: .lora(rank: rank, start: planted ?? start))
    } throws: {
      "\($0)".contains(sentence)
    }
  }

  private static let all: [any Initialization] = [
    EVAStart(rho: 1), CorDAStart(), LoRAGAStart(), LoRAOneStart(), CovarianceStart(),
  ]

  @Test func `without statistics`() throws {
    for start in Self.all {
      let name = start.configurationValue.text
      try expect(
        start, "the start \(name) needs statistics of data for model.layers.0.mlp.up_proj, and")
    }
  }

  @Test func `where the rank is too large for the map`() throws {
    for start in Self.all {
      let name = start.configurationValue.text
      let most = name == "lora-ga" ? 4 : 8
      try expect(
        start, rank: 9, "rank is 9 for model.layers.0.mlp.up_proj, expected at most \(most), "
      ) { .made(for: $0) }
    }
  }

  @Test func `where rows are too few or all alike`() throws {
    try expect(EVAStart(rho: 1), "needs at least 3 rows of inputs for model.layers.0.mlp.up_proj") {
      SiteStatistics(inputs: SecondMoments(of: .made(2, $0.inputs, "few")))
    }
    try expect(EVAStart(rho: 1), "its inputs vary in 0 directions, fewer than the rank 2") {
      SiteStatistics(
        inputs: SecondMoments(
          of: HostMatrix(
            [Double](repeating: 0.5, count: 20 * $0.inputs), rows: 20, columns: $0.inputs)))
    }
  }

  @Test func `where a covariance is singular`() throws {
    let silent: @Sendable (StartRequest) -> SiteStatistics = { request in
      var statistics = SiteStatistics.made(for: request)
      let zeros = HostMatrix<Double>(zeros: 20, request.inputs)
      statistics.inputs = SecondMoments(of: zeros)
      return statistics
    }
    try expect(
      CorDAStart(), "cannot begin at model.layers.0.mlp.up_proj: its inputs are all zero", silent)
    try expect(CovarianceStart(), "the covariance of its inputs is singular", silent)
  }

  @Test func `where gradients are zero or not finite`() throws {
    for start in [LoRAGAStart() as any Initialization, LoRAOneStart(), CovarianceStart()] {
      try expect(start, "the loss does not depend on it; exclude the module") { request in
        var statistics = SiteStatistics.made(for: request)
        statistics.gradient = HostMatrix(zeros: request.outputs, request.inputs)
        return statistics
      }
      try expect(start, "its gradients hold NaN or infinity") { request in
        var statistics = SiteStatistics.made(for: request)
        statistics.gradient?.elements[3] = .nan
        return statistics
      }
    }
  }

  @Test func `for a table of embeddings`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    #expect {
      try Adapter(
        on: model, targets: .named("embed_tokens"),
        update: .lora(rank: 2, start: PlantedStart(EVAStart())))
    } throws: {
      "\($0)".contains("the start eva cannot adapt a table of embeddings")
    }
  }
}
