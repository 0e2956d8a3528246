import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// Gradients that PyTorch computed for a batch with untrained tokens; Oracles/models_fixture.py made them.
@Suite struct `Gradients are PyTorch's` {
  @Test(arguments: ["gpt2", "qwen2"]) func `for every factor of an adapter`(_ name: String) throws {
    let fixture = try GradientFixture(name)
    let adapter = try Adapter(from: fixture.folder.appending(path: "adapter"), on: fixture.model)
    let (loss, gradients) = fixture.gradients(
      of: adapter.trainable, in: adapter.model, adapter.selection)
    #expect(abs(loss - (try fixture.number("adapter.loss"))) < 1e-5)
    for parameter in adapter.trainable {
      let expected = try fixture.numbers("adapter.gradient.base_model.model.\(parameter.path)")
      expectClose(gradients[parameter], expected, parameter)
    }
  }

  @Test(arguments: ["gpt2", "qwen2"]) func `for every weight of a model`(_ name: String) throws {
    let fixture = try GradientFixture(name)
    let parameters = fixture.model.architecture.parameters
    let (loss, gradients) = fixture.gradients(of: parameters, in: fixture.model, .none)
    #expect(abs(loss - (try fixture.number("base.loss"))) < 1e-5)
    for parameter in parameters {
      let expected = try fixture.numbers("base.gradient.\(parameter.path)")
      expectClose(gradients[parameter], expected, parameter)
    }
  }

  /// Norm-wise; a gradient that is zero but for rounding is compared with the size of rounding.
  private func expectClose(_ found: [Double]?, _ expected: [Double], _ parameter: Parameter) {
    let size = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let found = found ?? [Double](repeating: 0, count: expected.count)
    let distance = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(
      found.count == expected.count && distance.squareRoot() <= 1e-5 * size + 1e-8,
      "\(parameter): \(distance.squareRoot()) of \(size)")
  }
}

private struct GradientFixture {
  let folder: URL
  let model: Model
  private let file: SafetensorsFile

  init(_ name: String) throws {
    folder = AdapterFixture.models.appending(path: name)
    model = try Model(from: folder, precision: .float32, engine: CPUEngine())
    file = try SafetensorsFile(at: folder.appending(path: "gradients.safetensors"))
  }

  func numbers(_ name: String) throws -> [Double] {
    try #require(file[TensorName(name)], "\(name)").floats().map(Double.init)
  }

  func number(_ name: String) throws -> Double { try numbers(name)[0] }

  /// The mean loss of the trained tokens and its gradients.
  func gradients(
    of parameters: [Parameter], in model: Model, _ selection: AdapterSelection
  ) -> (Double, [Parameter: [Double]]) {
    guard let ids = file["ids"], let labels = file["labels"], let all = try? ids.int32s(),
      let targets = try? labels.int32s()
    else { return (.nan, [:]) }
    let (count, length) = (ids.shape[0], ids.shape[1])
    // Labels are not shifted: row t predicts the label at t + 1 of its own sequence.
    let rows = targets.indices.filter { !$0.isMultiple(of: length) && targets[$0] >= 0 }
    let engine = model.engine
    let tape = Tape(on: engine)
    for parameter in parameters { tape.watch(model.store[parameter], as: parameter) }
    let losses = model.causal.losses(
      engine.tensor(all, [all.count]), rows: rows.map { Int32($0 - 1) },
      labels: rows.map { targets[$0] },
      model.pass(
        PackedRows(lengths: [Int](repeating: length, count: count)), tape: tape,
        adapters: selection))
    let share = 1 / Double(rows.count)
    let gradients = tape.gradients(from: [(losses, engine.filled(1, losses.shape))])
    return (
      engine.floats(losses).reduce(0) { $0 + Double($1) } * share,
      gradients.mapValues { engine.floats($0).map { Double($0) * share } }
    )
  }
}
