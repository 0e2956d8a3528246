import Foundation
import LowRankTensors
import LowRankTesting
import Testing

/// What PyTorch and transformers compute in f64; see Oracles/engine_reference.py.
private struct Fixture: Decodable {
  var norm: [String: [Double]]
  var activations: [String: [Double]]
  var attention: [String: [Double]]
  var relative: [String: [Double]]
  var rotary: [String: [Double]]
  var head: [String: [Double]]
  var adamW: AdamW

  struct AdamW: Decodable {
    var value: [Double]
    var gradients: [[Double]]
    var values: [[Double]]
  }

  static func load() throws -> Fixture {
    let folder = try #require(Bundle.module.resourceURL)
    let file = folder.appending(path: "Fixtures/engine.json")
    return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
  }
}

@Suite struct `The reference engine computes what PyTorch does` {
  private let engine = ReferenceEngine()
  private let fixture: Fixture

  init() throws { fixture = try Fixture.load() }

  private func tensor(_ values: [Double]?, _ shape: Shape) throws -> Tensor {
    engine.tensor(try #require(values), shape)
  }

  private func expect(_ tensor: Tensor?, _ expected: [Double]?) throws {
    let distance = relativeDistance(
      engine.doubles(try #require(tensor)), from: try #require(expected))
    #expect(distance < 1e-13)
  }

  @Test(arguments: Norm.allCases)
  func `norms of a sum`(kind: Norm) throws {
    let values = fixture.norm
    let (x, delta) = (try tensor(values["x"], [5, 6]), try tensor(values["delta"], [5, 6]))
    let result = engine.norm(
      kind, x, adding: delta, weight: try tensor(values["weight"], [6]),
      bias: kind == .layer ? try tensor(values["bias"], [6]) : nil, epsilon: 0.25, type: .float32,
      saving: false)
    try expect(result.output, values["\(kind)"])
    try expect(result.sum, engine.doubles(engine.sum(x, delta)))
  }

  @Test(arguments: Activation.allCases)
  func `activations`(f: Activation) throws {
    let x = try tensor(fixture.activations["x"], [25])
    let values = try #require(fixture.activations[f.rawValue])
    try expect(engine.activation(f, x, times: nil), values)
    let gated = zip(values, engine.doubles(x)).map { $0 * $1 }
    try expect(engine.activation(f, x, times: x), gated)
  }

  @Test(arguments: [
    ("bidirectional", AttentionProblem.Mask.bidirectional), ("causal", .causal),
    ("slidingWindow", .slidingWindow(size: 2)), ("neighbourhood", .neighbourhood(radius: 1)),
  ])
  func `attention with shared key heads`(name: String, mask: AttentionProblem.Mask) throws {
    let values = fixture.attention
    let problem = AttentionProblem(
      queries: .init(try tensor(values["q"], [5, 16])),
      keys: .init(try tensor(values["k"], [5, 8])), values: .init(try tensor(values["v"], [5, 8])),
      heads: 4, keyHeads: 2, headSize: 4, scale: 0.5, mask: mask,
      segments: [Segment(queries: 0..<5, keys: 0..<5)])
    try expect(engine.attention(problem, saving: false).output, values[name])
  }

  @Test func `disentangled attention`() throws {
    let values = fixture.relative
    func wide(_ name: String) throws -> Tensor { try tensor(values[name], [9, 8]) }
    func projected(_ name: String) throws -> Tensor { try tensor(values[name], [8, 8]) }
    let compute = Computation(engine: engine)
    let tables = [
      compute.headProduct(try wide("q"), try projected("positionKeys"), heads: 2),
      compute.headProduct(try wide("k"), try projected("positionQueries"), heads: 2),
    ]
    try expect(tables[0], values["contentToPosition"])
    try expect(tables[1], values["positionToContent"])
    let columns = try #require(values["columns"]).map { Int32($0) }
    let problem = AttentionProblem(
      queries: .init(try wide("q")), keys: .init(try wide("k")), values: .init(try wide("v")),
      heads: 2, keyHeads: 2, headSize: 4, scale: 1 / Float(12).squareRoot(), mask: .bidirectional,
      segments: [Segment(queries: 0..<9, keys: 0..<9)],
      relative: RelativeScores(
        contentToPosition: tables[0], positionToContent: tables[1], columnsOfQueries: columns,
        columnsOfKeys: columns))
    // The scale is f32.
    let output = engine.doubles(engine.attention(problem, saving: false).output)
    #expect(relativeDistance(output, from: try #require(values["output"])) < 1e-6)
  }

  @Test func `rotary embeddings`() throws {
    let turned = engine.rotary(
      try tensor(fixture.attention["q"], [5, 16]), headSize: 4,
      positions: engine.tensor([0, 1, 2, 3, 4] as [Int32], [5]),
      cosine: try tensor(fixture.rotary["cosine"], [5, 2]),
      sine: try tensor(fixture.rotary["sine"], [5, 2]), inverse: false)
    try expect(turned, fixture.rotary["output"])
  }

  @Test func `the head with its loss and gradients`() throws {
    let values = fixture.head
    let labels = try #require(values["labels"]).map { Int32($0) }
    let result = engine.headLoss(
      hidden: try tensor(values["hidden"], [5, 6]),
      weight: Matrix(try tensor(values["weight"], [7, 6])), bias: try tensor(values["bias"], [7]),
      labels: engine.tensor(labels, [5]), smoothing: 0,
      gradients: [.hidden, .weight])
    try expect(result.losses, values["losses"])
    try expect(result.hidden, values["hiddenGradient"])
    try expect(result.weight, values["weightGradient"])
    try expect(result.bias, values["biasGradient"])
  }

  @Test func `three steps of AdamW`() throws {
    var value = try tensor(fixture.adamW.value, [8])
    var first = engine.zeros([8], type: .float32)
    var second = engine.zeros([8], type: .float32)
    for (index, gradient) in fixture.adamW.gradients.enumerated() {
      let t = Float(index + 1)
      let step = AdamWStep(
        rate: 0.125, beta1: 0.875, beta2: 0.9375, epsilon: 0x1p-10, weightDecay: 0.25,
        correction1: 1 - pow(0.875, t), correction2: 1 - pow(0.9375, t), gradientScale: 0.5)
      let doubled = try tensor(gradient.map { 2 * $0 }, [8])
      engine.adamW(step, gradient: doubled, value: &value, first: &first, second: &second)
      try expect(value, fixture.adamW.values[index])
    }
  }
}
