import Foundation
import LowRank
import LowRankServing
import LowRankTesting

/// A small Llama with adapters of unequal ranks in a folder, for tests of the engine.
final class ServedFixture: Sendable {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "lowrank-serving-tests-\(UUID())")
  let model: Model
  let library: AdapterLibrary

  /// Makes adapters of the given updates, named 0, 1, ….
  init(
    _ updates: [(Target, AdapterUpdate)] = ServedFixture.plain, budget: Int = 1 << 30
  ) throws {
    model = try TinyModels.llama(
      on: CPUEngine(), changing: ["max_position_embeddings": 512, "vocab_size": 37])
    let folder = folder
    for (index, (target, update)) in updates.enumerated() {
      try Self.save(
        Self.adapter(on: model, target, update, shift: 0.1 + 0.02 * Float(index)),
        at: folder.appending(path: "\(index)"))
    }
    library = AdapterLibrary(ServedBases(model), .init(budget: budget, folder: folder))
  }

  deinit {
    library.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  static let plain: [(Target, AdapterUpdate)] = [
    (.queryValue, .lora(rank: 1)), (.allLinear, .lora(rank: 5, alpha: 3)),
    (.named("down_proj", "o_proj"), .rslora(rank: 7)), (.allLinear, .lora(rank: 2)),
  ]

  /// An adapter whose update is not zero.
  static func adapter(
    on model: Model, _ target: Target, _ update: AdapterUpdate, shift: Float
  ) throws -> Adapter {
    var adapter = try Adapter(on: model, targets: target, update: update, seed: 5)
    for parameter in adapter.trainable {
      let start = adapter.values[parameter]
      adapter.values[parameter] = model.engine.sum(
        start, model.engine.filled(shift, start.shape))
    }
    return adapter
  }

  static func save(_ adapter: Adapter, at place: URL) throws {
    try? FileManager.default.removeItem(at: place)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try adapter.save(to: place.path)
  }

  /// What the generator continues a prompt with, alone and with the adapter in the folder.
  func offline(
    _ prompt: [Int32], _ name: String?, maxTokens: Int, stops: Set<Int32> = []
  ) throws -> [Int32] {
    var (own, selection) = (model, AdapterSelection.none)
    if let name {
      let adapter = try Adapter(from: folder.appending(path: name), on: model)
      (own, selection) = (adapter.model, adapter.selection)
    }
    var generator = Generator(
      own, prompts: [prompt], adapters: selection, stops: stops, maxTokens: maxTokens)
    while try generator.advance() {}
    return generator.sequences[0].tokens
  }

  /// A prompt that a number decides.
  static func prompt(_ number: Int, length: Int) -> [Int32] {
    var random = Philox(key: UInt64(number))
    return (0..<length).map { _ in Int32(random.integer(below: 37)) }
  }
}

extension GenerationTicket {
  /// The tokens, and why the sequence ended; nil where it was given up.
  func all() async throws -> (tokens: [Int32], reason: FinishReason?) {
    var tokens: [Int32] = []
    for await event in events {
      switch event {
      case .token(let token, _): tokens.append(token)
      case .finished(let reason): return (tokens, reason)
      case .failed(let error): throw error
      case .prompt, .end: break
      }
    }
    return (tokens, nil)
  }
}
