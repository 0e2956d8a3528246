import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `Ranks that move` {
  /// A state is written after every step, so that some lie just before and just after a change.
  @Test(arguments: RankedRun.Rule.all)
  func `move as before after a run was continued, bit for bit`(rule: RankedRun.Rule) throws {
    let run = RankedRun(rule: rule, engine: CPUEngine())
    var whole = try run.training(clipping: 0.5)
    let steps = try RankedRun.take(run.steps, of: &whole)
    let folder = try TemporaryFolder()
    for stop in 1..<run.steps {
      var first = try run.training(clipping: 0.5)
      _ = try RankedRun.take(stop, of: &first)
      let place = folder.url.appending(path: "\(stop)")
      try TrainingState.write(
        first, settings: [:], metrics: MetricsLog(), isFinished: false, into: place)
      var second = try run.training(clipping: 0.5)
      try TrainingState(in: place).restore(&second)
      let rest = try RankedRun.take(run.steps, of: &second)
      #expect(rest.map(\.loss) == steps[stop...].map(\.loss), "continued after step \(stop)")
      #expect(rest.map(\.ranks) == steps[stop...].map(\.ranks), "continued after step \(stop)")
      #expect(RankedRun.numbers(second) == RankedRun.numbers(whole), "after step \(stop)")
    }
  }

  @Test(arguments: RankedRun.Rule.all)
  func `move alike in two processes, in which the run is that of one`(rule: RankedRun.Rule) throws {
    var whole = try RankedRun(rule: rule, engine: ReferenceEngine()).training()
    let steps = try RankedRun.take(12, of: &whole)
    let expected = RankedRun.numbers(whole)
    let parts = try LocalProcesses.run(2) { process in
      var own = try RankedRun(rule: rule, engine: ReferenceEngine()).training(process)
      let steps = try RankedRun.take(12, of: &own)
      return (steps.map(\.ranks), RankedRun.numbers(own))
    }
    for (ranks, numbers) in parts {
      #expect(ranks == steps.map(\.ranks))
      #expect(Set(numbers.keys) == Set(expected.keys))
      for (name, own) in numbers where !name.hasPrefix("ranks ") {
        let other = try #require(expected[name])
        let error = zip(own, other).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        let size = other.reduce(0) { $0 + Double($1 * $1) }
        #expect(error.squareRoot() <= 1e-5 * size.squareRoot() + 1e-12, "\(name)")
      }
    }
    #expect(parts[0].1 == parts[1].1)
  }

  @Test(arguments: RankedRun.Rule.all)
  func `end in a folder that has the update of the run`(rule: RankedRun.Rule) throws {
    var training = try RankedRun(rule: rule, engine: ReferenceEngine()).training()
    let steps = try RankedRun.take(12, of: &training)
    let finished = try training.finishedAdapter
    let trained = RankedRun.logits(training.adapter)
    #expect(relativeDistance(RankedRun.logits(finished), from: trained) < 1e-6)
    let folder = try TemporaryFolder()
    let place = folder.url.appending(path: "adapter")
    try finished.save(to: place.path)
    let loaded = try Adapter(from: place, on: finished.base)
    #expect(relativeDistance(RankedRun.logits(loaded), from: trained) < 1e-6)
    let merged = try finished.base.merging(finished)
    let logits = merged.engine.doubles(merged.logits([3, 1, 4, 10, 5, 9, 2]))
    #expect(relativeDistance(logits, from: trained) < 1e-5)
    guard let ranks = steps.last?.ranks else { return }
    for (site, update) in zip(loaded.sites, loaded.updates) {
      // A module without directions has one that adds nothing in files that cannot do without.
      let least = rule.method == "gated" ? 1 : 0
      #expect(
        (update.storedRank ?? site.rank) == max(least, ranks[site.path] ?? -1), "\(site.path)")
    }
  }

  @Test(arguments: [
    ("adalora:target_r=4", "svd", "target_r is \"4\", expected at most 3"),
    ("adalora:tinit=8,tfinal=4,target_r=1", "svd", "tinit is \"8\", expected below 8"),
    ("dylora:r_min=4", "lora", "r_min is \"4\", expected at most 3"),
    ("relora:every=4,warmup=4", "lora", "warmup is \"4\", expected below every"),
    ("relora:every=2,warmup=1", "lora", "every is \"2\", expected a smaller rank"),
  ])
  func `are refused where numbers do not fit the run`(
    rule: String, method: String, sentence: String
  ) throws {
    let run = RankedRun(rule: .init(text: rule, method: method), engine: CPUEngine())
    let error = #expect(throws: MethodError.self) { _ = try run.training() }
    #expect("\(error as Any)".contains(sentence), "\(error as Any)")
    #expect(error?.description.hasPrefix("ranks ") == true)
  }

  @Test func `refuse a state that lacks a part`() throws {
    let run = RankedRun(rule: RankedRun.Rule.all[0], engine: CPUEngine())
    var training = try run.training()
    _ = try RankedRun.take(4, of: &training)
    let engine = training.model.engine
    var allocator = try #require(training.allocator)
    var state = allocator.state(on: engine)
    let name = try #require(state.keys.first { $0.text.hasSuffix(".kept") })
    state[name] = engine.filled(1, [17])
    #expect(throws: RankError.misshapenState(name: name.text, found: 17, expected: 3)) {
      try allocator.restore(state, on: engine)
    }
    state[name] = nil
    #expect(throws: RankError.missingState(name: name.text)) {
      try allocator.restore(state, on: engine)
    }
  }
}

@Suite struct `Optimizers where numbers are gone` {
  private let engine = ReferenceEngine()

  @Test(arguments: MethodRegistries.optimizers.cards.map(\.name))
  func `forget what they knew of them, and no more`(name: String) throws {
    let problem = try Factorization(size: 6, rank: 2, condition: 3)
    var (optimizer, store) = (try OptimizerCore(text: name, rate: 1).make(), problem.start())
    for number in 0..<4 { try problem.step(number, &optimizer, rate: 0.01, &store) }
    let before = optimizer.state(on: engine)
    let mask = (0..<problem.pair.up.shape.count).map { $0 % 2 == 0 ? Float(0) : 1 }
    let rows = engine.tensor(mask, problem.pair.up.shape, type: .float32)
    optimizer.mask(problem.pair.up, by: rows, on: engine)
    let after = optimizer.state(on: engine)
    for (key, tensor) in before {
      let numbers = engine.doubles(tensor)
      guard key.text.hasPrefix("b."), numbers.count == mask.count || name == "lora-rite" else {
        #expect(after[key].map(engine.doubles) == numbers, "\(key.text)")
        continue
      }
      if name == "lora-rite" {
        #expect(after[key] == nil, "moments in a basis that is gone")
      } else {
        #expect(after[key].map(engine.doubles) == zip(numbers, mask).map { $0 * Double($1) })
        #expect(numbers.contains { $0 != 0 })
      }
    }
    try problem.step(4, &optimizer, rate: 0.01, &store)
  }
}
