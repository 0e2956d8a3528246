import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

/// A method of one file and one line in the registry has all that every method has.
@Suite struct `A method that a program adds` {
  @Test func `is listed, chosen, trained, resumed, saved, loaded and pruned like the others`()
    throws
  {
    try MethodRegistries.$added.withValue([ToyMethod.entry]) {
      try isListed()
      let method = MethodRegistries.architectures.make(
        try MethodRegistries.architectures.choice("toy:gain=2"))
      let report = try checkLaws(of: method)
      #expect(report.violations.isEmpty, "\(report)")
      #expect(report.checked == ToyMethod.entry.card.laws)
      try trains(method)
    }
    #expect(throws: MethodError.self) { try MethodRegistries.architectures.choice("toy") }
  }

  private func isListed() throws {
    #expect(MethodPage.text.contains("### Toy\n"))
    let listed = try #require(MethodCatalogue.json(named: "toy")["architectures"]?.array)
    #expect(listed.first?.object?["title"] == "Toy")
    let registry = MethodRegistries.architectures
    // As flags have it, and as settings and YAML do.
    let choice = try registry.choice("toy:gain=2")
    #expect(MethodChoice(.object(choice.json)) == choice)
    for (text, sentence) in [
      ("toi", "did you mean \"toy\"?"), ("toy:gains=2", "did you mean \"gain\"?"),
      ("toy:gain=11", "gain is \"11\", expected a number of 0 or more and below 10"),
    ] {
      #expect { try registry.choice(text) } throws: { "\($0)".contains(sentence) }
    }
  }

  private func trains(_ method: any Method) throws {
    let model = try TinyModels.llama(on: CPUEngine())
    func training(of steps: Int) throws -> Training {
      let adapter = try Adapter(
        on: model, targets: .named("up_proj"),
        update: AdapterUpdate(method, PatternRanks(rank: 4)))
      let rows = (0..<4).map { row in
        Example(ids: (0..<6).map { Int32((3 * row + 5 * $0) % 11) }, trained: [1..<6])
      }
      return try Training(
        adapter, on: ExampleSet(rows, source: "rows"), optimizer: .adamW(learningRate: 0.01),
        steps: steps, batchSize: 2)
    }
    var whole = try training(of: 4)
    while try whole.next() != nil {}
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    var first = try training(of: 4)
    for _ in 0..<2 { _ = try first.next() }
    let state = folder.appending(path: "state")
    try TrainingState.write(
      first, settings: [:], metrics: MetricsLog(), isFinished: false, into: state)
    var resumed = try training(of: 4)
    try TrainingState(in: state).restore(&resumed)
    while try resumed.next() != nil {}
    #expect(resumed.adapter.storedTensors() == whole.adapter.storedTensors())

    let place = folder.appending(path: "adapter")
    try whole.adapter.save(to: place.path)
    let loaded = try Adapter(from: place, on: model)
    #expect(loaded.storedTensors() == whole.adapter.storedTensors())
    let compression = try Compression(StoredAdapter(at: place))
    let (small, _) = try compression.keeping([1, 0])
    let pruned = folder.appending(path: "pruned")
    try publishFolder(at: pruned) { try small.write(as: .peft, into: $0) }
    let config = try JSONFile(at: pruned.appending(path: "adapter_config.json"))
    #expect(config["peft_type"] == "LORA" && config["r"] == 1)
    _ = try Adapter(from: pruned, on: model)
  }
}
