import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `DyLoRA` {
  private let engine = ReferenceEngine()

  private func run(_ text: String) -> RankedRun {
    RankedRun(rule: .init(text: text, rank: 4), engine: engine)
  }

  /// The directions of all pairs that a step changed.
  private func changed(_ before: Adapter, _ after: Adapter) -> Set<Int> {
    var changed: Set<Int> = []
    for pair in before.updates.flatMap(\.pairs) {
      let width = pair.down.shape[1]
      let (old, new) = (
        engine.doubles(before.values[pair.down]), engine.doubles(after.values[pair.down])
      )
      for index in old.indices where old[index] != new[index] { changed.insert(index / width) }
    }
    return changed
  }

  @Test func `trains the first directions of a rank that is drawn for each step`() throws {
    var seen: Set<Int> = []
    for seed in 0..<12 {
      var run = run("dylora:r_min=2")
      run.steps = 2
      let adapter = try run.adapter()
      let rule = MethodRegistries.ranks.make(try MethodRegistries.ranks.choice(run.rule.text))
      let allocator = try #require(try rule.allocator?(adapter, 2, UInt64(seed)))
      var training = try Training(
        adapter, on: RankedRun.examples, optimizer: .adamW(learningRate: 0.01, schedule: .constant),
        steps: 2, batchSize: 4, allocator: allocator)
      _ = try training.next()
      let first = training.adapter
      // At the first step B is zero, and A has no gradient; at the second the directions of the first step's B have one.
      _ = try training.next()
      let ranks = try (0...1).map { try #require(allocator.rank(at: $0)) }
      #expect(ranks.allSatisfy { (2...4).contains($0) })
      #expect(changed(first, training.adapter) == Set(0..<ranks.min()!))
      seen.formUnion(ranks)
    }
    #expect(seen == [2, 3, 4])
  }

  @Test func `computes the product of the first directions at their own scale`() throws {
    var training = try run("dylora").training()
    _ = try RankedRun.take(12, of: &training)
    let whole = try training.finishedAdapter
    for rank in 1...4 {
      let narrow = try whole.atRank(rank)
      for (index, site) in whole.sites.enumerated() {
        let form = try narrow.form(of: index)
        let pair = whole.updates[index].pairs[0]
        let (a, b) = (
          engine.doubles(whole.values[pair.down]), engine.doubles(whole.values[pair.up])
        )
        let inputs = site.map.inputs
        var expected = [Double](repeating: 0, count: site.map.outputs * inputs)
        for row in 0..<site.map.outputs {
          for column in 0..<inputs {
            var sum = 0.0
            for k in 0..<rank { sum += b[row * 4 + k] * a[k * inputs + column] }
            expected[row * inputs + column] = 6 / Double(rank) * sum
          }
        }
        let found = HostMatrix<Double>(widening: form.up)
          .multiplied(by: HostMatrix(widening: form.down)).elements
          .map { Double(form.scale) * $0 }
        #expect(relativeDistance(found, from: expected) < 1e-6)
      }
    }
    #expect(throws: RankError.outside(rank: 5, least: 1, most: 4)) { try whole.atRank(5) }
    let plain = try run("dylora").adapter()
    #expect(throws: RankError.notNested) { try plain.atRank(2) }
  }

  @Test func `notes in its folder from which rank on it can be used`() throws {
    var training = try run("dylora:r_min=2").training()
    _ = try RankedRun.take(3, of: &training)
    let folder = try TemporaryFolder()
    let place = folder.url.appending(path: "a")
    let finished = try training.finishedAdapter
    try finished.save(to: place.path)
    let loaded = try Adapter(from: place, on: finished.base)
    #expect(loaded.nestedFrom == 2)
    let (used, made) = (try loaded.atRank(3), try finished.atRank(3))
    #expect(relativeDistance(RankedRun.logits(used), from: RankedRun.logits(made)) < 1e-6)
    #expect(throws: RankError.outside(rank: 1, least: 2, most: 4)) { try loaded.atRank(1) }
  }
}

@Suite struct `SoRA` {
  @Test func `draws gates to zero by the proximal step, and files have the open ones`() throws {
    let engine = ReferenceEngine()
    let run = RankedRun(
      rule: .init(text: "sora:lambda=2", method: "gated", rank: 4), engine: engine)
    let adapter = try run.adapter()
    let rule = MethodRegistries.ranks.make(try MethodRegistries.ranks.choice(run.rule.text))
    var allocator = try #require(try rule.allocator?(adapter, 1, 0))
    var values = adapter.values
    let gates = adapter.trainable.filter { $0.role == .diagonal }
    for gate in gates {
      values[gate] = engine.tensor([Double]([0.5, -0.05, 0.1, -0.75]), gate.shape)
    }
    let changes = try allocator.allocate(
      after: RankStep(number: 1, rate: 0.05, gradients: [:], gradientScale: 1, engine: engine),
      in: &values)
    for gate in gates {
      let numbers = engine.doubles(values[gate])
      #expect(relativeDistance(numbers, from: [0.4, 0, 0, -0.65]) < 1e-6)
    }
    #expect(allocator.ranks?.values.allSatisfy { $0 == 2 } == true)
    // The gate, and its row of A and column of B.
    #expect(changes.count == 3 * gates.count)
    var moved = adapter
    moved.values = values
    #expect(try moved.forms().allSatisfy { $0.rank == 2 })
    // What is gone is only told once.
    let again = try allocator.allocate(
      after: RankStep(number: 2, rate: 0, gradients: [:], gradientScale: 1, engine: engine),
      in: &values)
    #expect(again.isEmpty)
  }

  @Test func `keeps every law of its architecture`() throws {
    let report = try checkLaws(of: GatedLoRA(dropout: 0.2))
    #expect(report.violations.isEmpty, "\(report)")
  }
}

@Suite struct `ReLoRA` {
  private func run(_ text: String, steps: Int = 12) -> RankedRun {
    var run = RankedRun(rule: .init(text: text, rank: 1), engine: ReferenceEngine())
    run.steps = steps
    return run
  }

  @Test func `folds without a change of the model, and starts anew`() throws {
    var training = try run("relora:every=4,warmup=1").training()
    var before: [Double] = []
    for number in 1...9 {
      // The model before the fold is the one after the optimizer's step, which a run without folds takes too.
      if number == 4 {
        var plain = try run("relora:every=11,warmup=1").training()
        _ = try RankedRun.take(4, of: &plain)
        before = RankedRun.logits(plain.adapter)
      }
      _ = try RankedRun.take(1, of: &training)
      guard number == 4 else { continue }
      #expect(relativeDistance(RankedRun.logits(training.adapter), from: before) < 1e-6)
      let engine = training.model.engine
      for update in training.adapter.updates {
        #expect(update.frozen.count == 2)
        for pair in update.pairs {
          #expect(engine.sumOfSquares(training.model.store[pair.up]) == 0)
          #expect(engine.sumOfSquares(training.model.store[pair.down]) > 0)
        }
      }
    }
    #expect(training.adapter.updates.allSatisfy { $0.storedRank == 3 })
    #expect(training.allocator?.ranks?.values.allSatisfy { $0 == 3 } == true)
  }

  @Test func `lets the rate rise again after each restart`() throws {
    var training = try run("relora:every=5,warmup=3", steps: 12).training()
    let rates = try RankedRun.take(12, of: &training).map(\.learningRate)
    func scheduled(_ step: Int) -> Double { 0.05 * Double(12 - step) / 12 }
    let expected = (0..<12).map { step in
      let since = step % 5
      return step >= 5 && since < 3
        ? scheduled(min(step - since + 3, 11)) * Double(since) / 3 : scheduled(step)
    }
    #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(rates)")
    #expect(rates[5] == 0)
  }

  @Test func `cuts what it folds to its numerical rank`() throws {
    let engine = ReferenceEngine()
    var adapter = try RankedRun(
      rule: .init(text: "relora", rank: 3), engine: engine
    ).adapter()
    // Three directions of which two are the same.
    for pair in adapter.updates.flatMap(\.pairs) {
      var random = Philox(key: 4)
      let (inputs, outputs) = (pair.down.shape[1], pair.up.shape[0])
      let row = (0..<inputs).map { _ in random.normal() }
      let other = (0..<inputs).map { _ in random.normal() }
      adapter.values[pair.down] = engine.tensor(row + other + row, pair.down.shape)
      adapter.values[pair.up] = engine.tensor(
        (0..<3 * outputs).map { _ in random.normal() }, pair.up.shape)
    }
    let before = RankedRun.logits(adapter)
    let folded = try adapter.folded(1, seed: 0) { _ in }
    #expect(folded.updates.allSatisfy { $0.storedRank == 5 })
    #expect(relativeDistance(RankedRun.logits(folded), from: before) < 1e-5)
  }
}

@Suite struct `GoRA` {
  private let engine = ReferenceEngine()

  private func result(_ start: GoRAStart) throws -> (
    adapter: Adapter, base: Model, found: StatisticsPass.Result
  ) {
    let base = try TinyModels.llama(on: engine)
    let adapter = try Adapter(
      on: base,
      configuration: AdapterConfiguration(
        target: .named("q_proj", "v_proj", "up_proj"),
        method: LoRA(start: RestoredStart(like: start)),
        ranks: PatternRanks(rank: 2, alpha: 4, isRankStabilized: true)), seed: 1)
    let pass = try StatisticsPass(
      for: start, on: base, data: RankedRun.examples, batchSize: 4, seed: nil)
    return (adapter, base, try pass.result(for: adapter, seed: 1))
  }

  /// The adapter that the statistics lead to.
  private func made(_ start: GoRAStart) throws -> Adapter {
    let (adapter, base, found) = try result(start)
    var configuration = adapter.configuration
    configuration.method = LoRA(start: found.start)
    try configuration.share(
      try #require(found.ranks), among: adapter.sites, keepingScale: start.keepsScale)
    return try Adapter(on: base, configuration: configuration, seed: 1)
  }

  @Test func `gives ranks by the importance of the weights`() throws {
    let start = GoRAStart(batches: 2, growth: 4, least: 1)
    let (adapter, base, found) = try result(start)
    let ranks = try #require(found.ranks)
    // The gradient of each weight by central differences, in the place of ours.
    var model = base
    let batches = [[0, 1, 2, 3], [4, 5, 6, 7]].map { RankedRun.examples.batch(at: $0) }
    let count = batches.reduce(0) { $0 + $1.lossCount }
    func loss() -> Double {
      batches.reduce(0) { sum, batch in
        sum + engine.doubles(batch.losses(of: model, model.pass(batch.rows))).reduce(0, +)
      } / Double(count)
    }
    var importance: [Double] = []
    for site in adapter.sites {
      let weight = site.map.weight
      let numbers = engine.doubles(base.store[weight])
      var sum = 0.0
      for index in numbers.indices {
        var moved = numbers
        let values = [1e-4, -1e-4].map { by -> Double in
          moved[index] = numbers[index] + by
          model.store[weight] = engine.tensor(moved, weight.shape)
          return loss()
        }
        sum += abs(numbers[index] * (values[0] - values[1]) / 2e-4)
      }
      model.store[weight] = base.store[weight]
      importance.append(sum / Double(numbers.count))
    }
    let whole = importance.reduce(0, +)
    let budget = adapter.sites.reduce(0) { $0 + 2 * ($1.map.inputs + $1.map.outputs) }
    for (site, own) in zip(adapter.sites, importance) {
      let size = site.map.inputs + site.map.outputs
      let wanted = Int((Double(budget) * own / whole).rounded()) / size
      let most = min(8, site.map.inputs, site.map.outputs)
      #expect(ranks[site.path] == min(most, max(1, wanted)), "\(site.path)")
    }
    #expect(Set(ranks.values).count > 1)
  }

  @Test(arguments: [4.0, 1]) func `starts with a step down the gradient`(growth: Double) throws {
    func loss(_ adapter: Adapter) -> Double {
      Evaluation(adapter.model, adapters: adapter.selection, on: RankedRun.examples).loss
    }
    func made(_ gamma: Double) throws -> Adapter {
      try self.made(GoRAStart(batches: 2, growth: growth, least: 1, gamma: gamma))
    }
    let (still, small, large) = (loss(try made(0)), loss(try made(0.01)), loss(try made(0.02)))
    #expect(small < still && large < small)
    // To first order, twice as far is twice as much.
    #expect(abs((still - large) / (still - small) - 2) < 0.1)
  }

  @Test func `scales by the root of each module's own rank`() throws {
    let adapter = try made(GoRAStart(batches: 2, least: 1))
    for site in adapter.sites {
      #expect(abs(Double(site.scale) - 4 / Double(site.rank).squareRoot()) < 1e-6)
    }
  }
}
