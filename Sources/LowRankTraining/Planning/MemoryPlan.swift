import LowRankKeys
import LowRankTensors

/// The memory of a run at its peak, by part, in bytes: measured on the largest batches that the run has.
public struct MemoryPlan: Hashable, Sendable {
  /// The base's weights in the type that is computed with, as far as they are in memory: the rest of a mapped file is not.
  public var weights = 0
  /// The values of what is trained.
  public var trained = 0
  /// The optimizer's state.
  public var optimizer = 0
  /// What a rule that moves ranks remembers of each number, and works with after a step.
  public var ranks = 0
  /// The logits of a chunk of tokens with their gradients.
  public var logits = 0
  /// What the forward pass keeps for the backward pass, and what both need besides, for the largest batch.
  public var activations = 0
  /// What lies idle between blocks of memory, and what kernels keep for their next call.
  public var spare = 0
  /// The adapter of the best step, and what saving takes beyond the idle memory that is returned before.
  public var saving = 0
  /// What grows while a run goes on: plans of products for other lengths of rows, metrics, the record of the run.
  public var caches = 0
  /// The program itself: its code and libraries, the tokenizer, the examples.
  public var program = 0
  /// How much more than all of this is held while statistics of data are collected for a start.
  public var statistics = 0
  /// How much more than all of this was held for a moment while the model and the data were read.
  public var reading = 0

  /// A plan of nothing.
  public init() {}

  /// All of it: the peak of the process.
  public var total: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// What the process holds while it trains.
  var running: Int { total - reading - statistics }

  /// The parts by name, the largest share of most runs first.
  public var parts: [(name: String, bytes: Int)] {
    [
      ("weights", weights), ("activations", activations), ("logits", logits),
      ("spare", spare), ("optimizer", optimizer), ("ranks", ranks), ("trained", trained),
      ("saving", saving), ("caches", caches), ("program", program), ("statistics", statistics),
      ("reading", reading),
    ]
  }

  /// The largest part, as a sentence names it.
  var largest: (name: String, bytes: Int) {
    let names = [
      "weights": "the base's weights", "activations": "activations", "logits": "logits",
      "spare": "working memory", "optimizer": "the optimizer's state",
      "ranks": "the rule of ranks", "trained": "trained parameters", "saving": "saving",
      "caches": "caches", "program": "the program with tokenizer and data",
      "statistics": "statistics of data", "reading": "reading model and data",
    ]
    let part = parts.max { $0.bytes < $1.bytes } ?? ("program", program)
    return (names[part.name] ?? part.name, part.bytes)
  }
}

extension MemoryPlan {
  /// What a plan may take under a limit: the rest is for pages only partly used, and for what differs between two runs.
  static func room(of limit: Int) -> Int { limit - limit / 50 - 4_000_000 }

  /// The smallest limit that has room for what a run holds, and for its peak while it was read, in whole megabytes.
  static func leastLimit(running: Int, peak: Int) -> Int {
    let bytes = max((running + 4_000_000) * 50 / 49, peak)
    // Two measurements differ a little.
    return (bytes + bytes / 200 + 999_999) / 1_000_000 * 1_000_000
  }
}

/// A run measured before it begins: its memory, and the seconds of a step.
public struct RunPlan: Hashable, Sendable {
  /// The memory of the process.
  public var memory: MemoryPlan
  /// The most examples of a step computed at once, where not all of a batch are.
  public var examplesAtOnce: Int?
  /// The most examples evaluated at once, where not all of a batch are.
  public var evaluatedAtOnce: Int?
  /// The mean tokens of a step.
  public var tokensPerStep: Double
  /// The seconds of a step, by the time that tokens took.
  public var secondsPerStep: Double

  /// A plan of given figures.
  package init(
    memory: MemoryPlan, examplesAtOnce: Int? = nil, evaluatedAtOnce: Int? = nil,
    tokensPerStep: Double, secondsPerStep: Double
  ) {
    self.memory = memory
    self.examplesAtOnce = examplesAtOnce
    self.evaluatedAtOnce = evaluatedAtOnce
    self.tokensPerStep = tokensPerStep
    self.secondsPerStep = secondsPerStep
  }

  /// The smallest limit under which the run computes as many rows at once, in whole megabytes.
  ///
  /// It leaves a margin beyond the peak that was measured, since two runs differ a little.
  public var leastLimit: Int { MemoryPlan.leastLimit(running: memory.running, peak: memory.total) }
}

/// What the process holds of the machine's memory, in bytes.
public struct ResidentMemory: Hashable, Sendable {
  /// What it holds now.
  public var current: Int
  /// The most it held at one time.
  public var peak: Int

  /// Given figures.
  public init(current: Int, peak: Int) {
    self.current = current
    self.peak = peak
  }
}

/// Why a run cannot be kept to a limit.
public enum PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not even one example at a time fits.
  case tooLittle(limit: Int, least: Int, plan: MemoryPlan, recomputes: Bool)
  /// The engine does not tell what it holds.
  case unmeasurable

  /// One sentence: what is needed, and what to do.
  public var description: String {
    switch self {
    case .tooLittle(let limit, let least, let plan, let recomputes):
      """
      a memory limit of \(Self.text(limit, .down)) is too small: with one row at a time, the run takes up to \
      \(Self.text(plan.total, .up)), \(Self.text(plan.largest.bytes, .up)) of it for \(plan.largest.name); give \
      \(setting: "memory_limit") \(Self.text(least, .up).replacing(" ", with: "")) or more, which leaves a margin of 2 % and 4 MB\
      \(Self.hint(plan, recomputes))
      """
    case .unmeasurable: "this engine does not tell what memory it holds"
    }
  }

  /// How less memory would do, where rows are what takes most of it.
  private static func hint(_ plan: MemoryPlan, _ recomputes: Bool) -> String {
    guard plan.largest.name == "activations" else { return "" }
    let recomputing = recomputes ? "" : "recompute blocks (\(setting: "grad_checkpointing")), "
    return ", \(recomputing)or cut rows (\(setting: "max_seq_length"))"
  }

  private static func text(_ bytes: Int, _ rule: FloatingPointRoundingRule) -> String {
    "\(Int((Double(bytes) / 1e6).rounded(rule))) MB"
  }
}
