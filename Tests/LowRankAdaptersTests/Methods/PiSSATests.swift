import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `PiSSA, which starts at the principal directions of the weight,` {
  @Test(arguments: [false, true])
  func `keeps every law`(hasMagnitude: Bool) throws {
    let report = try checkLaws(of: LoRA(start: PiSSAStart(), hasMagnitude: hasMagnitude))
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `leaves the tail of the spectrum`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let adapter = try Adapter(
      on: model, targets: .named("up_proj"), update: .lora(rank: 3, start: PiSSAStart()))
    for (site, update) in zip(adapter.sites, adapter.updates) {
      let pair = try #require(update.pairs.first)
      let (up, down) = (matrix(pair.up, adapter), matrix(pair.down, adapter))
      let weight = HostMatrix(
        model.engine.doubles(site.map.dense(model.store, model.engine)), rows: 12, columns: 8)
      let principal = up.multiplied(by: down).elements.map { $0 * Double(site.scale) }
      let rest = zip(weight.elements, principal).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let tail = try SingularValueDecomposition(weight).values.dropFirst(3)
      #expect(abs(rest - tail.reduce(0) { $0 + $1 * $1 }) < 1e-6)
    }
  }

  private func matrix(_ parameter: Parameter, _ adapter: Adapter) -> HostMatrix<Double> {
    HostMatrix(
      adapter.base.engine.doubles(adapter.values[parameter]), rows: parameter.shape[0],
      columns: parameter.shape[1])
  }
}

/// `s·B A` is the best approximation of W of its rank, arXiv 2404.02948.
struct PiSSAStart: Initialization {
  let configurationValue = InitializationName.named("pissa")

  func factors(for request: StartRequest) throws -> StartingFactors {
    let weight = HostMatrix(request.weight(), rows: request.outputs, columns: request.inputs)
    let svd = try SingularValueDecomposition(weight)
    let roots = svd.values.prefix(request.rank).map { ($0 / request.scale).squareRoot() }
    var (up, down) = (svd.left.columns(0..<request.rank), svd.right.rows(0..<request.rank))
    for (index, root) in roots.enumerated() {
      for row in 0..<up.rows { up[row, index] *= root }
      for column in 0..<down.columns { down[index, column] *= root }
    }
    return StartingFactors(down: down.elements, up: up.elements, isOffset: true)
  }
}
