import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `AdaLoRA` {
  /// Maps of a tiny Llama whose update is to become a given matrix.
  private struct Fitting {
    let engine = ReferenceEngine()
    let adapter: Adapter
    var training: TrainableModel
    var allocator: any RankAllocator
    var targets: [String: HostMatrix<Double>] = [:]

    init(rule: String, rank: Int, alpha: Double, steps: Int) throws {
      adapter = try Adapter(
        on: TinyModels.llama(on: engine), targets: .named("q_proj", "v_proj"),
        update: AdapterUpdate(SVDLoRA(), PatternRanks(rank: rank, alpha: alpha)))
      training = TrainableModel(adapter)
      let registry = MethodRegistries.ranks
      let make = try #require(registry.make(try registry.choice(rule)).allocator)
      allocator = try make(adapter, steps, 0)
    }

    func parameter(_ path: String, _ name: String) throws -> Parameter {
      try #require(training.parameters.first { $0.path == "\(path).\(name)" })
    }

    func matrix(_ path: String, _ name: String) throws -> HostMatrix<Double> {
      let own = try parameter(path, name)
      return HostMatrix(
        engine.doubles(training.model.store[own]), rows: own.shape[0], columns: own.shape[1])
    }

    /// The gradients of `½ Σ ‖s B diag(E) A − M‖²`.
    func gradients() throws -> [Parameter: Tensor] {
      var found: [Parameter: Tensor] = [:]
      for site in adapter.sites {
        let (a, b) = (try matrix(site.path, "lora_A"), try matrix(site.path, "lora_B"))
        let e = try matrix(site.path, "lora_E").elements
        let (scale, target) = (Double(site.scale), try #require(targets[site.path]))
        func scaled(_ m: HostMatrix<Double>, rows: Bool) -> HostMatrix<Double> {
          var m = m
          for row in 0..<m.rows {
            for column in 0..<m.columns { m[row, column] *= scale * e[rows ? row : column] }
          }
          return m
        }
        let rest = b.multiplied(by: scaled(a, rows: true)).subtracting(target)
        let inner = b.transposed.multiplied(by: rest)
        let slopes = [
          ("lora_A", scaled(inner, rows: true)),
          ("lora_B", scaled(rest.multiplied(by: a.transposed), rows: false)),
          (
            "lora_E",
            HostMatrix(
              (0..<e.count).map { i in
                (0..<a.columns).reduce(0) { $0 + scale * inner[i, $1] * a[i, $1] }
              }, rows: e.count, columns: 1)
          ),
        ]
        for (name, slope) in slopes {
          let own = try parameter(site.path, name)
          found[own] = engine.tensor(slope.elements, own.shape)
        }
      }
      return found
    }

    mutating func step(_ number: Int, _ optimizer: inout any Optimizer, rate: Double) throws {
      var sum = GradientSum()
      (sum.gradients, sum.tokens) = (try gradients(), 1)
      try optimizer.apply(
        sum, to: training.groups, in: &training.model.store, rate: rate, step: number, on: engine)
      _ = try allocator.allocate(
        after: RankStep(
          number: number, rate: rate, gradients: sum.gradients, gradientScale: 1, engine: engine),
        in: &training.model.store)
    }
  }

  @Test func `takes the ranks and the steps of PEFT, for a hundred steps`() throws {
    let file = try fixture("adalora.json")
    let options = try file.object("options").object.entries
      .map { "\($0.key)=\($0.value.text())" }.joined(separator: ",")
    let steps = try file.integer("steps")
    var fitting = try Fitting(
      rule: "adalora:\(options)", rank: try file.integer("rank"),
      alpha: try file.double("alpha"), steps: steps)
    let paths = try #require(try file.optionalStrings("paths"))
    #expect(Set(paths) == Set(fitting.adapter.sites.map(\.path)))
    for path in paths {
      let start = try file.object("start").object(path)
      for (name, key) in [("lora_A", "a"), ("lora_B", "b")] {
        let own = try fitting.parameter(path, name)
        fitting.training.model.store[own] = fitting.engine.tensor(
          try #require(try start.optionalDoubles(key)), own.shape)
      }
      let numbers = try #require(try file.object("targets").optionalDoubles(path))
      let outputs = try fitting.parameter(path, "lora_B").shape[0]
      fitting.targets[path] = HostMatrix(
        numbers, rows: outputs, columns: numbers.count / outputs)
    }
    var optimizer: any Optimizer = AdamW()
    for number in 1...steps {
      try fitting.step(number, &optimizer, rate: try file.double("rate"))
      let expected = try file.array("ranks")[number - 1].array?.compactMap(\.integer)
      let ranks = paths.compactMap { fitting.allocator.ranks?[$0] }
      #expect(ranks == expected, "step \(number)")
    }
    for path in paths {
      let end = try file.object("end").object(path)
      for (name, key) in [("lora_A", "a"), ("lora_B", "b"), ("lora_E", "e")] {
        let ours = try fitting.matrix(path, name).elements
        let theirs = try #require(try end.optionalDoubles(key))
        let distance = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .infinity
        #expect(distance < 1e-5, "\(path).\(name): \(distance)")
      }
    }
  }

  /// Of four maps two have an update to learn, of rank 2 each: the budget goes there.
  @Test func `gives a planted spectrum its ranks, and meets the budget exactly`() throws {
    var fitting = try Fitting(rule: "adalora:target_r=1,tfinal=40", rank: 3, alpha: 3, steps: 200)
    var random = Philox(key: 7)
    for (index, site) in fitting.adapter.sites.enumerated() {
      var target = HostMatrix<Double>(zeros: site.map.outputs, site.map.inputs)
      if index.isMultiple(of: 3) {
        func draw(_ rows: Int, _ columns: Int) -> HostMatrix<Double> {
          HostMatrix(
            (0..<rows * columns).map { _ in random.normal() }, rows: rows, columns: columns)
        }
        target = draw(target.rows, 2).multiplied(by: draw(2, target.columns))
      }
      fitting.targets[site.path] = target
    }
    var optimizer: any Optimizer = AdamW()
    var totals: [Int] = []
    for number in 1...200 {
      try fitting.step(number, &optimizer, rate: 0.03)
      totals.append((fitting.allocator.ranks ?? [:]).values.reduce(0, +))
    }
    for (number, total) in totals.enumerated() {
      let left = max(0, 1 - Double(number + 1) / 160)
      #expect(total == Int(8 * left * left * left + 4), "step \(number + 1)")
    }
    for (index, site) in fitting.adapter.sites.enumerated() {
      #expect(fitting.allocator.ranks?[site.path] == (index.isMultiple(of: 3) ? 2 : 0), "\(site)")
    }
  }

  /// Two means of every number, there from the start, so that what the process holds then has them.
  @Test func `says what it holds and works with, which a plan counts`() throws {
    var training = try RankedRun(rule: RankedRun.Rule.all[0], engine: CPUEngine()).training()
    let allocator = try #require(training.allocator)
    let means = allocator.state(on: training.model.engine).filter {
      $0.key.text.hasSuffix("importance") || $0.key.text.hasSuffix("uncertainty")
    }
    let bytes = means.values.reduce(0) { $0 + 4 * $1.count }
    let trained = training.adapter.trainable.reduce(0) { $0 + $1.shape.count }
    #expect(bytes == 8 * trained)
    #expect(allocator.stateSize == bytes)
    #expect(allocator.workSize > 0)
    let held = ResidentMemory(current: 100_000_000, peak: 100_000_000)
    let plan = try training.plan { held }
    #expect(plan.memory.ranks == allocator.stateSize + allocator.workSize)
    var other = try RankedRun(rule: .init(text: "dylora"), engine: CPUEngine()).training()
    #expect(try other.plan { held }.memory.ranks == 0)
  }
}
