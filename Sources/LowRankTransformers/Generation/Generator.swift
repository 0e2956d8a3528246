import LowRankTensors

/// Continues a set of sequences of unequal length, token by token, each until it stops.
///
/// One sequence is a set of one. All running sequences advance in one packed pass over a cache of keys and values; one
/// that has stopped costs nothing more.
public struct Generator {
  /// A sequence that is being continued.
  public struct Sequence: Sendable {
    /// The tokens it began with.
    public let prompt: [Int32]
    /// The tokens added so far, without the one that ended it.
    public fileprivate(set) var tokens: [Int32] = []
    /// Whether it ended by itself, or by reaching its length.
    public fileprivate(set) var isFinished = false
    fileprivate var random: Philox
  }

  /// The sequences, in the order given.
  public private(set) var sequences: [Sequence]
  private let model: Model
  private let adapters: AdapterSelection
  private let sampling: Sampling
  private let stops: Set<Int32>
  private let maxTokens: Int
  private let cache: KeyValueCache

  /// A generator at the beginning of its prompts, each of at least one token.
  ///
  /// - Parameters:
  ///   - stops: tokens that end a sequence; they are not part of it.
  ///   - maxTokens: the most tokens that are added to a sequence.
  ///   - seed: what sampling follows from; each sequence has random numbers of its own.
  public init(
    _ model: Model, prompts: [[Int32]], adapters: AdapterSelection = .none,
    sampling: Sampling = .greedy, stops: Set<Int32>, maxTokens: Int, seed: UInt64 = 0
  ) {
    precondition(prompts.allSatisfy { !$0.isEmpty }, "a prompt has at least one token")
    self.model = model
    self.adapters = adapters
    self.sampling = sampling
    self.stops = stops
    self.maxTokens = maxTokens
    sequences = prompts.enumerated().map { index, prompt in
      let key = RandomKey(seed: seed, step: index).key(for: "sampling")
      return Sequence(prompt: prompt, isFinished: maxTokens <= 0, random: Philox(key: key))
    }
    let longest = prompts.map(\.count).max() ?? 0
    cache = KeyValueCache(
      sequences: prompts.count, capacity: longest + max(0, maxTokens), engine: model.engine)
  }

  /// Adds a token to every sequence that has not finished; false once all have.
  ///
  /// - Throws: `GenerationError` where the logits of a sequence are not finite; no sequence gets a token then.
  public mutating func advance() throws(GenerationError) -> Bool {
    let running = sequences.indices.filter { !sequences[$0].isFinished }
    guard !running.isEmpty else { return false }
    let inputs = running.map { index in
      sequences[index].tokens.last.map { [$0] } ?? sequences[index].prompt
    }
    let tokens = try tokens(after: lastLogits(inputs, of: running), of: running)
    for (token, index) in zip(tokens, running) {
      guard !stops.contains(token) else {
        sequences[index].isFinished = true
        continue
      }
      sequences[index].tokens.append(token)
      sequences[index].isFinished = sequences[index].tokens.count >= maxTokens
    }
    return sequences.contains { !$0.isFinished }
  }

  /// Chooses a token for each sequence from its row of logits.
  private mutating func tokens(
    after logits: [Float], of running: [Int]
  ) throws(GenerationError) -> [Int32] {
    let width = model.architecture.vocabularySize
    func row(_ row: Int, of all: UnsafeBufferPointer<Float>) -> UnsafeBufferPointer<Float> {
      UnsafeBufferPointer(rebasing: all[row * width..<(row + 1) * width])
    }
    let broken = logits.withUnsafeBufferPointer { all in
      running.indices.first { !LogitRow(row($0, of: all)).isFinite }
    }
    if let broken {
      let sequence = sequences[running[broken]]
      throw .nonFiniteLogits(tokens: sequence.prompt.count + sequence.tokens.count)
    }
    return logits.withUnsafeBufferPointer { all in
      running.enumerated().map { place, index in
        sampling.token(from: row(place, of: all), &sequences[index].random)
      }
    }
  }

  /// The logits after the last row of each input; other rows never reach the head.
  private func lastLogits(_ inputs: [[Int32]], of running: [Int]) -> [Float] {
    let rows = PackedRows(
      lengths: inputs.map(\.count), starts: running.map { cache.lengths[$0] })
    let use = CacheUse(cache, sequences: running, rows: rows, engine: model.engine)
    let pass = model.pass(rows, adapters: adapters, cache: use)
    let ids = inputs.flatMap { $0 }
    let engine = model.engine
    let hidden = model.architecture.hidden(engine.tensor(ids, [ids.count]), pass)
    let last = rows.segments.map { Int32($0.upperBound - 1) }
    let logits = engine.floats(model.causal.logits(ofHidden: hidden, at: last, pass))
    cache.advance(running, by: inputs.map(\.count))
    return logits
  }
}
