import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `The penalty on directions that are not orthonormal` {
  private let engine = ReferenceEngine()

  @Test func `has the gradient that central differences say`() throws {
    let adapter = try Adapter(
      on: TinyModels.llama(on: engine), targets: .named("up_proj", "k_proj"),
      update: AdapterUpdate(SVDLoRA(orthogonality: 0.7), PatternRanks(rank: 3)))
    let penalty = try #require(adapter.penalty)
    var values = adapter.values
    var random = Philox(key: 4)
    for parameter in adapter.trainable {
      values[parameter] = engine.tensor(
        (0..<parameter.shape.count).map { _ in random.normal() }, parameter.shape)
    }
    let (_, gradients) = penalty.evaluated(values, on: engine)
    #expect(gradients.count == 8)
    for (parameter, gradient) in gradients {
      let numbers = engine.doubles(values[parameter])
      let differences = centralDifferences(
        of: { point in
          var moved = values
          moved[parameter] = engine.tensor(point, parameter.shape)
          return penalty.evaluated(moved, on: engine).value
        }, at: numbers, step: 1e-4)
      // Its factor passes through single precision.
      #expect(relativeDistance(engine.doubles(gradient), from: differences) < 1e-6, "\(parameter)")
    }
  }

  @Test func `is zero for orthonormal directions, and absent where it is turned off`() throws {
    let model = try TinyModels.llama(on: engine)
    func adapter(_ weight: Double) throws -> Adapter {
      try Adapter(
        on: model, targets: .named("up_proj"),
        update: AdapterUpdate(SVDLoRA(orthogonality: weight), PatternRanks(rank: 3)))
    }
    var fresh = try adapter(0.5)
    for parameter in fresh.trainable where parameter.shape != [3, 1] {
      let columns = parameter.shape[1]
      fresh.values[parameter] = engine.tensor(
        (0..<parameter.shape.count).map { $0 / columns == $0 % columns ? 1.0 : 0 },
        parameter.shape)
    }
    let (value, gradients) = try #require(fresh.penalty).evaluated(fresh.values, on: engine)
    #expect(value == 0 && gradients.isEmpty)
    #expect(try adapter(0).penalty == nil)
    #expect(
      try Adapter(on: model, targets: .named("up_proj"), update: .lora(rank: 2)).penalty == nil)
  }
}
