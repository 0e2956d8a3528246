import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers

/// Short runs on tiny models by a rule of ranks.
struct RankedRun {
  /// A rule with options for runs of 12 steps, and the architecture that it takes.
  struct Rule: CustomStringConvertible, Sendable {
    let text: String
    var method: String = "lora"
    var rank = 3

    var description: String { text }

    static let all = [
      Rule(text: "adalora:target_r=1,tinit=2,tfinal=3,deltaT=2", method: "svd"),
      Rule(text: "dylora"), Rule(text: "dylora:frozen=true,r_min=2"),
      Rule(text: "sora:lambda=5", method: "gated"),
      Rule(text: "relora:every=5,warmup=2,prune=0.9", rank: 1),
    ]
  }

  static let examples = ExampleSet(
    (0..<8).map { row in
      let length = 3 + row % 5
      let ids = (0..<length).map { Int32(($0 * 5 + row * 3) % 11) }
      return Example(ids: ids, trained: [row % 2..<length])
    }, source: "examples")

  let rule: Rule
  let engine: any Engine
  var steps = 12
  var optimizer = "adamw"

  func adapter() throws -> Adapter {
    let registry = MethodRegistries.architectures
    return try Adapter(
      on: TinyModels.llama(on: engine),
      configuration: AdapterConfiguration(
        target: .named("q_proj", "v_proj", "up_proj"),
        method: registry.make(try registry.choice(rule.method)),
        ranks: PatternRanks(rank: rule.rank, alpha: 6)), seed: 1)
  }

  func training(_ reducer: any Reducer = SingleProcess(), clipping: Double? = nil) throws
    -> Training
  {
    let adapter = try adapter()
    let ranks = MethodRegistries.ranks
    let made = MethodRegistries.optimizers.make(
      try MethodRegistries.optimizers.choice(optimizer))([])
    return try Training(
      adapter, on: Self.examples,
      optimizer: Optimization(
        made, learningRate: LearningRate(0.05, schedule: .linear), maxGradientNorm: clipping),
      steps: steps, batchSize: 4, seed: 5,
      allocator: try ranks.make(try ranks.choice(rule.text)).allocator?(adapter, steps, 5),
      reducer: reducer)
  }

  /// Takes some steps and returns them.
  static func take(_ count: Int, of training: inout Training) throws -> [TrainingStep] {
    var steps: [TrainingStep] = []
    while steps.count < count, let step = try training.next() { steps.append(step) }
    return steps
  }

  /// Every number that is trained or frozen, and the state of the ranks.
  static func numbers(_ training: Training) -> [String: [Float]] {
    let engine = training.model.engine
    let adapter = training.adapter
    var numbers: [String: [Float]] = [:]
    for parameter in adapter.trainable + adapter.updates.flatMap(\.frozen) {
      numbers[parameter.path] = engine.floats(training.model.store[parameter])
    }
    for (name, tensor) in training.allocator?.state(on: engine) ?? [:] {
      numbers["ranks " + name.text] = engine.floats(tensor)
    }
    return numbers
  }

  /// The logits of a model with an adapter.
  static func logits(_ adapter: Adapter) -> [Double] {
    adapter.base.engine.doubles(
      adapter.model.logits([3, 1, 4, 10, 5, 9, 2], adapters: adapter.selection))
  }
}
