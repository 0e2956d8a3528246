import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `A pass for statistics` {
  /// Nine examples of unequal lengths, of which unequal parts are trained.
  private static let set = ExampleSet(
    (0..<9).map { row in
      let length = 3 + row % 5
      let ids = (0..<length).map { Int32(($0 * 5 + row * 3) % 11) }
      return Example(ids: ids, trained: [1 + row % 2..<length])
    }, source: "examples")

  /// Keeps what it is told, and starts at zero.
  private struct ListeningStart: Initialization {
    final class Told: @unchecked Sendable { var told: [String: SiteStatistics] = [:] }
    let needs: StartNeeds
    let told = Told()
    var configurationValue: InitializationName { .named("listening") }

    func factors(for request: StartRequest) -> StartingFactors {
      told.told[request.key] = request.statistics
      return StartingFactors(
        down: [Float](repeating: 0, count: request.rank * request.inputs),
        up: [Float](repeating: 0, count: request.outputs * request.rank))
    }
  }

  private static func adapter(
    _ base: Model, _ target: Target = .allLinear, rank: Int = 2, method: any Method = LoRA()
  ) throws -> Adapter {
    try Adapter(
      on: base, targets: target,
      update: AdapterUpdate(method, PatternRanks(rank: rank, alpha: 4)), seed: 1)
  }

  private static func told(
    _ needs: StartNeeds, on base: Model, _ target: Target = .allLinear, batchSize: Int = 4,
    budget: Int = 1 << 30, atOnce: Int? = nil, reducer: any Reducer = SingleProcess()
  ) throws -> [String: SiteStatistics] {
    let start = ListeningStart(needs: needs)
    let pass = try StatisticsPass(
      for: start, on: base, data: set, batchSize: batchSize, seed: nil, budget: budget,
      examplesAtOnce: atOnce, reducer: reducer)
    _ = try pass.result(for: adapter(base, target))
    return start.told.told
  }

  private static let everything = StartNeeds(
    inputs: .allRows, outputGradients: true, gradient: true, batches: 99)

  private func expectEqual(
    _ a: [String: SiteStatistics], _ b: [String: SiteStatistics], within tolerance: Double
  ) {
    #expect(Set(a.keys) == Set(b.keys) && !a.isEmpty)
    for (key, one) in a {
      guard let other = b[key] else { continue }
      let pairs = [
        (one.inputs?.matrix.elements, other.inputs?.matrix.elements),
        (one.outputs?.matrix.elements, other.outputs?.matrix.elements),
        (one.gradient?.elements, other.gradient?.elements),
      ]
      for case (let x?, let y?) in pairs {
        let distance = relativeDistance(x.map(Double.init), from: y.map(Double.init))
        #expect(distance <= tolerance, "\(key): \(distance)")
      }
      #expect(one.inputs?.count == other.inputs?.count)
      #expect(one.outputs?.count == other.outputs?.count)
    }
  }

  @Test(arguments: ["GPT-2", "Llama"])
  func `finds the gradient of the mean loss with respect to every weight`(name: String) throws {
    let engine = ReferenceEngine()
    let base = try name == "GPT-2" ? TinyModels.gpt2(on: engine) : TinyModels.llama(on: engine)
    let batch = Self.set.batch(at: Array(0..<9))
    let told = try Self.told(Self.everything, on: base)
    for site in try Self.adapter(base).sites {
      let tape = Tape(on: engine)
      let weight = site.map.weight
      tape.watch(base.store[weight], as: weight)
      let losses = batch.losses(of: base, base.pass(batch.rows, tape: tape))
      let gradients = tape.gradients(from: [(losses, engine.filled(1, losses.shape))])
      let gradient = try #require(gradients[weight])
      let oriented = site.map.storesInputsFirst ? engine.transposed(gradient) : gradient
      let expected = engine.doubles(oriented).map { $0 / Double(batch.lossCount) }
      let found = try #require(told[site.path]?.gradient)
      #expect(relativeDistance(found.elements.map(Double.init), from: expected) < 1e-6)
    }
  }

  @Test func `counts the rows that are asked for, and no others`() throws {
    let base = try TinyModels.llama(on: ReferenceEngine())
    let all = Self.set.batch(at: Array(0..<9))
    let path = "model.layers.0.mlp.up_proj"
    let kept = RowsKept(path)
    _ = all.losses(of: base, base.pass(all.rows, observers: [kept]))
    let trained = all.labelRows.map { kept.rows[Int($0)] }
    for (needs, rows) in [
      (StartNeeds(inputs: .allRows, batches: 99), kept.rows),
      (StartNeeds(inputs: .trainedRows, batches: 99), trained),
    ] {
      let found = try #require(try Self.told(needs, on: base)[path]?.inputs)
      let expected = SecondMoments(
        of: HostMatrix(rows.flatMap { $0 }, rows: rows.count, columns: rows[0].count))
      #expect(found.count == rows.count)
      #expect(
        relativeDistance(
          found.matrix.elements.map(Double.init), from: expected.matrix.elements.map(Double.init))
          < 1e-6)
      #expect(relativeDistance(found.mean, from: expected.mean) < 1e-6)
      #expect(abs(found.fourth - expected.fourth) < 1e-5 * expected.fourth)
    }
    let needs = StartNeeds(inputs: .scaledSequences, batches: 99)
    let scaled = try #require(try Self.told(needs, on: base)[path]?.inputs)
    var sum = HostMatrix<Double>(zeros: 8, 8)
    for rows in all.rows.segments {
      let numbers = rows.flatMap { kept.rows[$0] }
      let sequence = HostMatrix(numbers, rows: rows.count, columns: 8)
        .scaled(by: 1 / abs(numbers.max() ?? 0))
      sum = sum.subtracting(sequence.transposed.multiplied(by: sequence).scaled(by: -1.0 / 9))
    }
    #expect(scaled.count == 9)
    #expect(relativeDistance(scaled.matrix.elements.map(Double.init), from: sum.elements) < 1e-6)
  }

  private final class RowsKept: LinearObserver {
    let path: String
    var rows: [[Double]] = []
    init(_ path: String) { self.path = path }
    func observe(_ path: String, input: Tensor, on engine: any Engine) {
      guard path == self.path else { return }
      let numbers = engine.doubles(input)
      let width = input.shape.columns
      rows = (0..<input.shape.rows).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
    }
  }

  @Test func `is the same in groups, batches, parts and processes`() throws {
    let base = try TinyModels.gpt2(on: ReferenceEngine())
    for target in [Target.allLinear, .queryValue] {
      let whole = try Self.told(Self.everything, on: base, target)
      if target == .queryValue { #expect(whole["transformer.h.0.attn.c_attn.value"] != nil) }
      let grouped = try Self.told(Self.everything, on: base, target, budget: 1)
      expectEqual(grouped, whole, within: 0)
      expectEqual(
        try Self.told(Self.everything, on: base, target, batchSize: 2, atOnce: 1), whole,
        within: 1e-6)
      let processes = try LocalProcesses.run(3) { process in
        try Self.told(
          Self.everything, on: TinyModels.gpt2(on: ReferenceEngine()), target, reducer: process)
      }
      for found in processes { expectEqual(found, whole, within: 1e-6) }
    }
  }

  @Test func `takes the first batches of the run, an epoch at most`() throws {
    let base = try TinyModels.llama(on: ReferenceEngine())
    var needs = StartNeeds(inputs: .allRows, batches: 2)
    let first = try Self.told(needs, on: base)
    let rows = (0..<8).reduce(0) { $0 + Self.set.inputTokens(of: $1) }
    #expect(first["model.layers.0.mlp.up_proj"]?.inputs?.count == rows)
    needs.batches = 50
    let all = try Self.told(needs, on: base)
    #expect(
      all["model.layers.0.mlp.up_proj"]?.inputs?.count == rows + Self.set.inputTokens(of: 8))
  }

  @Test func `knows the inputs of a head, but not its gradients`() throws {
    let base = try TinyModels.llama(on: ReferenceEngine())
    let head = Target.named("lm_head")
    let told = try Self.told(StartNeeds(inputs: .trainedRows, batches: 99), on: base, head)
    #expect(told["lm_head"]?.inputs?.count == Self.set.batch(at: Array(0..<9)).lossCount)
    #expect {
      try Self.told(StartNeeds(gradient: true, batches: 1), on: base, head)
    } throws: {
      "\($0)".contains("cannot adapt a head, whose gradients are never there as a whole")
    }
  }

  @Test func `leaves a fresh DoRA silent on the CPU, and trains from there`() throws {
    let base = try TinyModels.gpt2(on: CPUEngine())
    let ids: [Int32] = [3, 1, 4, 10, 5]
    let before = base.engine.floats(base.logits(ids))
    for start in [
      EVAStart(rho: 1) as any Initialization, CorDAStart(), LoRAGAStart(), CovarianceStart(),
    ] {
      for method in [LoRA(), LoRA(hasMagnitude: true)] {
        let plain = try Self.adapter(base, .queryValue, method: method)
        let pass = try StatisticsPass(
          for: start, on: base, data: Self.set, batchSize: 3, seed: 5)
        let started = try #require(method.starting(at: pass.result(for: plain).start))
        let fresh = try Self.adapter(base, .queryValue, method: started)
        let logits = base.engine.floats(fresh.model.logits(ids, adapters: fresh.selection))
        #expect(relativeDistance(logits.map(Double.init), from: before.map(Double.init)) < 1e-6)
        var training = try Training(
          fresh, on: Self.set, optimizer: .adamW(learningRate: 0.01), steps: 12, batchSize: 9)
        var losses: [Double] = []
        while let step = try training.next() { losses.append(step.loss) }
        #expect(try #require(losses.last) < losses[0], "\(start)")
      }
    }
  }

  @Test func `shares out ranks by the variance that directions explain`() throws {
    let base = try TinyModels.llama(on: ReferenceEngine())
    let plain = try Self.adapter(base, rank: 2)
    let start = EVAStart(batches: 99, rho: 2)
    let pass = try StatisticsPass(for: start, on: base, data: Self.set, batchSize: 4, seed: nil)
    let result = try pass.result(for: plain)
    let ranks = try #require(result.ranks)
    #expect(ranks.values.reduce(0, +) == 2 * plain.sites.count)
    #expect(Set(ranks.values).count > 1, "the ranks are all alike")
    // The least share that got a rank is no smaller than the largest that got none.
    let told = try Self.told(StartNeeds(inputs: .trainedRows, batches: 99), on: base)
    var (given, refused) = (Double.infinity, 0.0)
    for site in plain.sites {
      let covariance = try #require(told[site.path]?.inputs).covariance
      let values = try SymmetricEigenDecomposition(covariance).values
      let shares = values.map { $0 / values.reduce(0, +) }.prefix(4)
      let rank = try #require(ranks[site.path])
      if rank > 0 { given = min(given, shares[rank - 1]) }
      if rank < 4 { refused = max(refused, shares[rank]) }
    }
    #expect(given >= refused - 1e-6)
    var configuration = plain.configuration
    configuration.method = LoRA(start: result.start)
    try configuration.share(ranks, among: plain.sites)
    let adapter = try Adapter(on: base, configuration: configuration, seed: 1)
    for site in adapter.sites {
      #expect(site.rank == ranks[site.path] && abs(site.scale - 2) < 1e-6)
    }
    #expect(adapter.sites.count == ranks.values.count { $0 > 0 })
    let none = try Self.adapter(base, rank: 2)
    let kept = try StatisticsPass(
      for: EVAStart(batches: 99, rho: 1), on: base, data: Self.set, batchSize: 4, seed: nil)
    #expect(try kept.result(for: none).ranks == nil)
  }
}
