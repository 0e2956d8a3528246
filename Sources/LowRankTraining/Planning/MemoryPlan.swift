import LowRankTensors

/// What a run needs of memory, by part, in bytes: measured on its longest examples, not estimated.
public struct MemoryPlan: Hashable, Sendable {
  /// The base's weights in the type that is computed with.
  public var weights: Int
  /// The values of what is trained, and their gradients.
  public var trained: Int
  /// The optimizer's state.
  public var optimizer: Int
  /// The logits of a chunk of tokens with their gradients.
  public var logits: Int
  /// What the forward pass keeps for the backward pass, and what both need besides, for the longest examples.
  public var activations: Int
  /// What may lie idle for reuse, at most; none under a limit.
  public var spare: Int
  /// The program itself: its code, the tokenizer, the examples.
  public var program: Int

  /// All of it.
  public var total: Int { weights + trained + optimizer + logits + activations + spare + program }

  /// The parts by name, the largest share of most runs first.
  public var parts: [(name: String, bytes: Int)] {
    [
      ("weights", weights), ("activations", activations), ("logits", logits),
      ("spare", spare), ("optimizer", optimizer), ("trained", trained), ("program", program),
    ]
  }
}

/// A run measured before it begins: its memory, and the seconds of a step.
public struct RunPlan: Hashable, Sendable {
  /// The memory of a step with the longest examples.
  public var memory: MemoryPlan
  /// The most examples computed at once, where not all of a batch are.
  public var examplesAtOnce: Int?
  /// The mean tokens of a step.
  public var tokensPerStep: Double
  /// The seconds of a step, by the time that tokens took.
  public var secondsPerStep: Double
}

/// Why a run cannot be kept to a limit.
public enum PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not even one example at a time fits.
  case tooLittle(limit: Int, needed: Int, recomputes: Bool)
  /// The engine does not tell what it holds.
  case unmeasurable

  /// One sentence: what is needed, and what to do.
  public var description: String {
    switch self {
    case .tooLittle(let limit, let needed, let recomputes):
      """
      the memory limit is \(Self.text(limit)), but one example at a time takes up to \(Self.text(needed)), with what saving needs; \
      \(recomputes ? "" : "recompute blocks (--grad-checkpointing), ")cut rows (--max-seq-length) or allow more
      """
    case .unmeasurable: "this engine does not tell what memory it holds"
    }
  }

  private static func text(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
}
