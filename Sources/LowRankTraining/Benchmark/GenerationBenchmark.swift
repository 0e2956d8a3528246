import LowRankAdapters
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// Continuations of random prompts, some at a time: how long the first token takes, and the others.
public struct GenerationBenchmark {
  private let model: Model
  private let adapters: AdapterSelection
  private let prompt: Int
  private let tokens: Int
  private let batch: Int

  /// A benchmark of a model that continues texts.
  ///
  /// - Parameters:
  ///   - adapters: the adapters that passes select.
  ///   - prompt: the tokens of a prompt, at least one.
  ///   - tokens: the tokens that are added, at least two.
  ///   - batch: the prompts that are continued together.
  public init(
    _ model: Model, adapters: AdapterSelection = .none, prompt: Int, tokens: Int, batch: Int = 1
  ) {
    precondition(
      prompt > 0 && tokens > 1 && batch > 0, "\(batch) times \(tokens) tokens behind \(prompt)")
    (self.model, self.adapters, self.prompt, self.tokens) = (model, adapters, prompt, tokens)
    self.batch = batch
  }

  /// The bytes of the base's weights that a pass reads, for each token that it adds.
  ///
  /// A table of tokens is read as a whole only where the head shares it.
  public var bytesPerToken: Double {
    let causal = model.causal
    let table = causal.isHeadTied ? nil : causal.backbone.tokenTable.weight
    let bytes = model.architecture.parameters.filter { $0 != table }.reduce(0) { sum, parameter in
      sum + model.store[parameter].type.bytes(of: parameter.shape.count)
    }
    return Double(bytes) / Double(batch)
  }

  /// The bytes that this machine reads from memory in a second, over sums of an array that no cache holds.
  public func memoryBandwidth() -> Double {
    let count = 1 << 26
    let numbers = model.engine.zeros([count], type: .float32)
    return (0..<6).map { _ in
      let start = ContinuousClock.now
      _ = model.engine.sumOfSquares(numbers)
      return Double(4 * count) / (ContinuousClock.now - start).seconds
    }.max() ?? 0
  }

  /// Continues a prompt once to warm up, then some times with the clock running.
  ///
  /// - Throws: what generating throws where numbers are not finite.
  public func run(rounds: Int) throws -> (tokensPerSecond: Double, firstTokenSeconds: Double) {
    let work = Work("timing rounds", of: rounds + 1)
    defer { work.end() }
    var (first, rest): ([Double], [Double]) = ([], [])
    for round in 0...rounds {
      defer { work.advance() }
      let (a, b) = try once(seed: UInt64(round))
      guard round > 0 else { continue }
      first.append(a)
      rest.append(b)
    }
    return (Double(batch * (tokens - 1)) / median(rest), median(first))
  }

  /// The seconds until the first token, and those of the others.
  private func once(seed: UInt64) throws -> (first: Double, rest: Double) {
    var random = Philox(key: seed)
    let prompts = (0..<batch).map { _ in
      (0..<prompt).map { _ in Int32(random.integer(below: model.architecture.vocabularySize)) }
    }
    var generator = Generator(
      model, prompts: prompts, adapters: adapters, stops: [], maxTokens: tokens)
    let start = ContinuousClock.now
    _ = try generator.advance()
    let first = ContinuousClock.now
    while try generator.advance() {}
    return ((first - start).seconds, (ContinuousClock.now - first).seconds)
  }
}
