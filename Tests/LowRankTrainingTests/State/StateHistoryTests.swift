import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `The states of a run` {
  private let set = ExampleSet(
    (0..<6).map { row in
      Example(ids: (0..<5).map { Int32(($0 * 3 + row) % 11) }, trained: [1..<5])
    }, source: "examples")

  private func training(rate: Double = 0.01) throws -> Training {
    let configuration = AdapterConfiguration(ranks: PatternRanks(rank: 2, alpha: 4))
    return try Training(
      Adapter(on: TinyModels.llama(on: CPUEngine()), configuration: configuration, seed: 1),
      on: set, optimizer: .adamW(learningRate: rate), steps: 9, batchSize: 2)
  }

  /// Publishes the state of a run as the program does.
  private func save(_ training: Training, at place: URL, keeping limit: Int, best: Int? = nil)
    throws
  {
    try publishFolder(at: place, overwrite: true) { folder in
      try StateHistory(inAdapter: place).write(
        training, settings: ["seed": 1], metrics: [["step": .integer(training.number)]],
        isFinished: false, keeping: limit, best: best, into: folder
      ) { try training.adapter.write(into: $0) }
    }
  }

  @Test func `are the newest few and that of the best step`() throws {
    let root = try TemporaryFolder()
    let place = root.url.appending(path: "a")
    var training = try training()
    while try training.next() != nil {
      try save(training, at: place, keeping: 2, best: training.number >= 3 ? 3 : nil)
    }
    #expect(StateHistory(inAdapter: place).steps == [9, 8, 3])
    let newest = try #require(try StateHistory(inAdapter: place).newest())
    #expect(newest.number == 9 && newest.keptStep == 3)
    let older = try TrainingState(in: StateHistory(inAdapter: place).place(of: 3))
    #expect(older.number == 3 && older.metrics == [["step": 3]])
  }

  @Test(arguments: [
    "state.safetensors", "state.json", "metrics.jsonl", "adapter_model.safetensors",
    "manifest.json",
  ])
  func `that are broken are skipped, and named`(_ name: String) throws {
    let root = try TemporaryFolder()
    let place = root.url.appending(path: "a")
    var training = try training()
    for _ in 0..<2 {
      _ = try training.next()
      try save(training, at: place, keeping: 5)
    }
    let history = StateHistory(inAdapter: place)
    let file = history.place(of: 2).appending(path: name)
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    // As a broken disk would, in place.
    try bytes.write(to: file)
    var passedOver: [StateError] = []
    #expect(try history.newest { passedOver.append($0) }?.number == 1)
    #expect(passedOver.count == 1 && passedOver[0].folder.hasSuffix("step-00000002"))

    try FileManager.default.removeItem(at: history.place(of: 1).appending(path: name))
    #expect(throws: StateError.self) { try history.newest() }
  }

  @Test func `continue bit for bit from any of them`() throws {
    let root = try TemporaryFolder()
    let place = root.url.appending(path: "a")
    var whole = try training()
    while try whole.next() != nil { try save(whole, at: place, keeping: 20) }
    func numbers(_ training: Training) -> [Float] {
      training.adapter.trainable.flatMap {
        training.model.engine.floats(training.adapter.values[$0])
      }
    }
    for step in [1, 4, 8] {
      var part = try training()
      try TrainingState(in: StateHistory(inAdapter: place).place(of: step)).restore(&part)
      #expect(part.number == step)
      while try part.next() != nil {}
      #expect(numbers(part) == numbers(whole))
    }
  }

  @Test func `are gone on from at rates that change nothing any more`() throws {
    let root = try TemporaryFolder()
    let place = root.url.appending(path: "a")
    var first = try training()
    for _ in 0..<8 { _ = try first.next() }
    try save(first, at: place, keeping: 1)
    var late = try training(rate: 1e-30)
    try #require(try StateHistory(inAdapter: place).newest()).restore(&late)
    #expect(try late.next()?.number == 9)
  }
}
