import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// Rows of tokens; that their logits are PEFT's is a matter of the fixtures.
@Suite struct `Trained tokens` {
  private func adapter(
    on base: Model, _ tokens: TrainedTokens, target: Target = .allLinear
  ) throws -> Adapter {
    try Adapter(
      on: base,
      configuration: AdapterConfiguration(
        target: target, ranks: PatternRanks(rank: 2), trainedTokens: tokens))
  }

  private func moved(_ adapter: Adapter) -> Adapter {
    var adapter = adapter
    var random = Philox(key: 9)
    for parameter in adapter.trainable {
      let numbers = adapter.base.engine.floats(adapter.values[parameter])
        .map { $0 + 0.3 * Float(random.normal()) }
      adapter.values[parameter] = adapter.base.engine.tensor(
        numbers, parameter.shape, type: .float32)
    }
    return adapter
  }

  @Test(arguments: [true, false]) func `change nothing at first`(_ isTied: Bool) throws {
    let base = try isTied ? TinyModels.gpt2(on: CPUEngine()) : TinyModels.llama(on: CPUEngine())
    let fresh = try adapter(on: base, .embeddings([1, 4]))
    let ids: [Int32] = [1, 4, 2, 1]
    let (found, expected) = (
      base.engine.floats(fresh.model.logits(ids, adapters: fresh.selection)),
      base.engine.floats(base.logits(ids))
    )
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(fresh.trainable.count { $0.role == .embedding } == 1)
    #expect(fresh.ownRows.count == (isTied ? 2 : 1))
  }

  /// The lookup, the head's loss and a head without a tape, against central differences in double precision.
  @Test(arguments: [true, false]) func `have the gradients of central differences`(_ isTied: Bool)
    throws
  {
    let engine = ReferenceEngine()
    let base = try isTied ? TinyModels.gpt2(on: engine) : TinyModels.llama(on: engine)
    let tokens: TrainedTokens =
      isTied
      ? .embeddings([3, 1, 9])
      : .modules([.init("embed_tokens", [3, 1, 9]), .init("lm_head", [2, 5])])
    let adapter = moved(try adapter(on: base, tokens))
    var model = adapter.model
    let ids: [Int32] = [3, 1, 4, 10, 3, 9, 2]
    func losses(_ model: Model, _ tape: Tape? = nil) -> Tensor {
      let pass = model.pass(
        PackedRows(lengths: [ids.count]), tape: tape, adapters: adapter.selection)
      return model.causal.losses(
        engine.tensor(ids, [ids.count]), rows: Array(0..<Int32(ids.count - 1)),
        labels: Array(ids.dropFirst()), pass)
    }
    let tape = Tape(on: engine)
    for parameter in adapter.trainable { tape.watch(model.store[parameter], as: parameter) }
    let loss = losses(model, tape)
    let gradients = tape.gradients(from: [(loss, engine.filled(1, loss.shape))])
    for parameter in adapter.trainable where parameter.role == .embedding {
      let value = model.store[parameter]
      let numbers = engine.doubles(value)
      let expected = centralDifferences(
        of: { point in
          model.store[parameter] = engine.tensor(point, parameter.shape)
          return engine.doubles(losses(model)).reduce(0, +)
        }, at: numbers, step: 1e-4)
      model.store[parameter] = value
      let found = engine.doubles(try #require(gradients[parameter]))
      #expect(relativeDistance(found, from: expected) < 1e-6, "\(parameter)")
    }
  }

  @Test func `that no text has get a gradient of zero, as in PyTorch`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    let adapter = try adapter(on: base, .embeddings([7]))
    let tape = Tape(on: base.engine)
    let rows = try #require(adapter.ownRows["model.embed_tokens.weight"]?.rows)
    let model = adapter.model
    tape.watch(model.store[rows], as: rows)
    let pass = model.pass(PackedRows(lengths: [3]), tape: tape, adapters: adapter.selection)
    let loss = model.causal.losses(
      base.engine.tensor([1, 2, 3] as [Int32], [3]), rows: [0, 1], labels: [2, 3], pass)
    let gradients = tape.gradients(from: [(loss, base.engine.filled(1, loss.shape))])
    #expect(base.engine.floats(try #require(gradients[rows])).allSatisfy { $0 == 0 })
  }

  @Test(arguments: ["smollm-tokens", "gpt2-tokens", "smollm-tokens-alike"])
  func `leave a tied head tied when they are merged`(_ name: String) throws {
    let fixture = AdapterFixture(name: name)
    let adapter = try fixture.adapter()
    let merged = try adapter.base.merging(adapter)
    #expect(merged.causal.isHeadTied && merged.notes.isEmpty)
    #expect(try fixture.largestDifference(of: merged) < 1e-4)
  }

  @Test func `of embeddings and head apart untie the head when they are merged`() throws {
    let adapter = try AdapterFixture(name: "smollm-tokens-apart").adapter()
    #expect(!(try adapter.base.merging(adapter)).causal.isHeadTied)
  }

  @Test func `have one effect on logits and on losses`() throws {
    let fixture = AdapterFixture(name: "smollm-tokens")
    let adapter = try fixture.adapter()
    let ids = try fixture.ids()
    let engine = adapter.base.engine
    let whole = engine.floats(adapter.model.logits(ids, adapters: adapter.selection))
    // A head's single rows are written over its logits; the loss goes through a weight that has them.
    let pass = adapter.model.pass(PackedRows(lengths: [ids.count]), adapters: adapter.selection)
    let losses = engine.floats(
      adapter.model.causal.losses(
        engine.tensor(ids, [ids.count]), rows: Array(0..<Int32(ids.count - 1)),
        labels: Array(ids.dropFirst()), pass))
    for (row, loss) in losses.enumerated() {
      let logits = whole[row * 48..<(row + 1) * 48]
      #expect(abs(-logProbability(of: ids[row + 1], in: logits) - Double(loss)) < 1e-4)
    }
  }

  @Test(
    arguments: [
      (.embeddings([1, 99]), [], "99 for model.embed_tokens, expected tokens from 0 to 10"),
      (.embeddings([-1]), [], "-1 for model.embed_tokens, expected tokens"),
      (.embeddings([2, 2]), [], "2 twice, expected each token once"),
      (.modules([.init("q_proj", [1])]), [], "no module matches \"q_proj\""),
      (.embeddings([1]), ["embed_tokens"], "expected a module that is not trained whole"),
    ] as [(TrainedTokens, [String], String)])
  func `that make no sense are refused`(_ tokens: TrainedTokens, _ saved: [String], _ says: String)
    throws
  {
    let base = try TinyModels.llama(on: CPUEngine())
    let said = message {
      try Adapter(
        on: base,
        configuration: AdapterConfiguration(
          target: .named("q_proj"), ranks: PatternRanks(rank: 1), modulesToSave: saved,
          trainedTokens: tokens))
    }
    #expect(said.contains("trainable_token_indices") && said.contains(says), "\(said)")
  }

  @Test func `of a table with factors are refused`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    let said = message {
      try adapter(on: base, .embeddings([1]), target: .named("embed_tokens", "q_proj"))
    }
    #expect(said.contains("expected a module that the target leaves out"), "\(said)")
  }

  @Test func `that differ though tying is asked for are refused`() throws {
    let fixture = AdapterFixture(name: "smollm-tokens-apart")
    let base = try fixture.base()
    try fixture.damaged(config: [("ensure_weight_tying", true)]) { folder in
      let said = message { try Adapter(from: folder, on: base) }
      #expect(said.contains("the same tokens, as \"ensure_weight_tying\" asks for"), "\(said)")
    }
  }

  @Test func `survive pruning, also of modules that are dropped whole`() throws {
    for name in ["llama2-tokens", "smollm-tied-whole", "qwen2-bias-lora-only"] {
      let fixture = AdapterFixture(name: name)
      let whole = try fixture.adapter()
      let stored = try StoredAdapter(at: fixture.folder)
      let draft = EditableAdapter(stored, replacing: stored.modules.dropFirst().map { .init($0) })
      try withTemporaryFolder { folder in
        try draft.write(as: .peft, into: folder)
        let pruned = try Adapter(from: folder, on: whole.base)
        #expect(pruned.sites.count == whole.sites.count - 1)
        // The factors of the first module are gone, and nothing else.
        var expected = whole
        let first = stored.modules[0].path
        for (site, update) in zip(whole.sites, whole.updates) where site.path == first {
          for parameter in update.parameters {
            expected.values[parameter] = whole.base.engine.zeros(parameter.shape, type: .float32)
          }
        }
        let ids = try fixture.ids()
        let engine = whole.base.engine
        let (found, wanted) = (
          engine.floats(pruned.model.logits(ids, adapters: pruned.selection)),
          engine.floats(expected.model.logits(ids, adapters: expected.selection))
        )
        #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
      }
    }
  }
}
