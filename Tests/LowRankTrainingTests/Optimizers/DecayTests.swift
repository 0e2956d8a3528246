import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `Weight decay` {
  @Test func `spares what the Trainer of transformers spares, in every architecture`() throws {
    let optimizer = AdamW()
    let cases = try fixture("decay.json").objects("models")
    #expect(cases.count == 11)
    for one in cases {
      let config = try JSONFile(one.object("config").object, at: .temporaryDirectory)
      let model = try Model(random: config, precision: .float32, engine: ReferenceEngine())
      let decaying = Set(try #require(try one.optionalStrings("decaying")))
      let spared = Set(try #require(try one.optionalStrings("spared")))
      let own = model.architecture.parameters
      #expect(own.count == decaying.count + spared.count, "\(model.architecture.className)")
      for parameter in own {
        let expected = optimizer.undecayed.contains(parameter.role) ? spared : decaying
        #expect(expected.contains(parameter.path), "\(parameter.path)")
      }
    }
  }

  @Test(arguments: [[], [.bias, .norm], [.magnitude, .embedding]] as [Set<Parameter.Role>])
  func `spares the roles it is told to`(undecayed: Set<Parameter.Role>) throws {
    let engine = ReferenceEngine()
    let roles: [Parameter.Role] = [.weight, .bias, .norm, .embedding, .down, .up, .magnitude]
    let parameters = roles.map { Parameter($0.rawValue, [1], role: $0, module: $0.rawValue) }
    var optimizer = AdamW(weightDecay: 0.5, undecayed: undecayed)
    var (store, sum) = (ParameterStore(), GradientSum())
    for one in parameters { store[one] = engine.filled(1, [1]) }
    // Without a gradient only decay moves a value.
    let still = parameters.map { ($0, engine.zeros([1], type: .float32)) }
    sum.add(Dictionary(uniqueKeysWithValues: still), loss: 1, tokens: 1, on: engine)
    try optimizer.apply(
      sum, to: ParameterGroup.grouping(parameters) { _ in 1 }, in: &store, rate: 0.5, step: 1,
      on: engine)
    for one in parameters {
      let expected: Float = undecayed.contains(one.role) ? 1 : 0.75
      #expect(engine.floats(store[one]) == [expected], "\(one)")
    }
  }
}
