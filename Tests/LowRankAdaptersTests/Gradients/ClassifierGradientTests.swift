import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// Gradients that PyTorch and PEFT computed for classifiers with their heads; Oracles/encoders_fixture.py made them.
@Suite struct `Gradients of classifiers are PyTorch's` {
  @Test(arguments: ClassifierFixture.all, [false, true])
  func `for every factor and the head, of rows packed end to end, blocks kept or recomputed`(
    _ name: String, recomputes: Bool
  ) throws {
    let fixture = try ClassifierFixture(name)
    let adapter = try Adapter(from: fixture.folder.appending(path: "adapter"), on: fixture.model)
    let (loss, gradients) = try fixture.gradients(of: adapter, recomputes)
    let expected = try fixture.numbers("loss")[0]
    #expect(abs(loss - expected) < 1e-5 * max(1, abs(expected)))
    for parameter in adapter.trainable {
      let expected = try fixture.numbers("gradient.base_model.model.\(parameter.path)")
      let found = gradients[parameter] ?? []
      #expect(
        found.count == expected.count
          && length(zip(found, expected).map { $0 - $1 }) <= 2e-5 * length(expected) + 1e-7,
        "\(parameter): \(length(zip(found, expected).map { $0 - $1 })) of \(length(expected))")
    }
  }
}

private func length(_ numbers: [Double]) -> Double {
  numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
}

private struct ClassifierFixture {
  static let root = AdapterFixture.models.appending(path: "encoders")

  /// The names of all models with gradients.
  static let all: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []).sorted().filter {
      FileManager.default.fileExists(
        atPath: root.appending(path: "\($0)/gradients.safetensors").path)
    }

  let folder: URL
  let model: Model
  private let file: SafetensorsFile

  init(_ name: String) throws {
    folder = Self.root.appending(path: name)
    model = try Model(from: folder, precision: .float32, engine: CPUEngine())
    file = try SafetensorsFile(at: folder.appending(path: "gradients.safetensors"))
  }

  func numbers(_ name: String) throws -> [Double] {
    try #require(file[TensorName(name)], "\(name)").floats().map(Double.init)
  }

  /// The mean loss of the rows and its gradients.
  func gradients(of adapter: Adapter, _ recomputes: Bool) throws -> (Double, [Parameter: [Double]])
  {
    var (ids, kinds, lengths): ([Int32], [Int32], [Int]) = ([], [], [])
    for index in 0..<3 {
      let row = try #require(file[TensorName("ids.\(index)")]).int32s()
      ids += row
      lengths.append(row.count)
      kinds +=
        try file[TensorName("types.\(index)")]?.int32s() ?? [Int32](repeating: 0, count: row.count)
    }
    let engine = model.engine
    let tape = Tape(on: engine)
    let adapted = adapter.model
    for parameter in adapter.trainable { tape.watch(adapted.store[parameter], as: parameter) }
    let classifier = try #require(adapted.classifier)
    var pass = adapted.pass(
      PackedRows(lengths: lengths, tokenTypeIDs: kinds), tape: tape, adapters: adapter.selection)
    pass.recomputesBlocks = recomputes
    let losses = classifier.losses(engine.tensor(ids, [ids.count]), try targets(), pass)
    let gradients = tape.gradients(from: [(losses, engine.filled(1, losses.shape))])
    return (
      engine.floats(losses).reduce(0) { $0 + Double($1) / 3 },
      gradients.mapValues { engine.floats($0).map { Double($0) / 3 } }
    )
  }

  private func targets() throws -> ClassifierTargets {
    let labels = try #require(file["labels"])
    guard labels.type == .float32 else { return .classes(try labels.int32s()) }
    let problem = try Classification(model.config).problem
    return problem == .multiLabel ? .sets(try labels.floats()) : .numbers(try labels.floats())
  }
}
