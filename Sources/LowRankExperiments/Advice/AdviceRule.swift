/// Where a rule of advice comes from.
///
/// The table of all references: advice names no source that is not here.
public enum AdviceSource: String, CaseIterable, Sendable {
  /// What plain LoRA does beside its variants.
  case tunedVanilla =
    "arXiv 2602.04998, 2601.22708, 2602.09492: plain LoRA with a tuned rate is within noise of its variants"
  /// Which modules are adapted.
  case allLinear =
    "Schulman and others, LoRA Without Regret, 2025; PEFT's MetaMathQA benchmark on Llama 3.2 3B"
  /// How many parameters data need.
  case capacity =
    "LoRA Without Regret, 2025: about 1 bit in a token to learn, 2 bits in a parameter"
  /// The learning rate by the width of the model.
  case ratePrior =
    "Thinking Machines' sweep of LoRA rates by model width, alpha 32: 5e-4 (2000/width)^e, e 0.781 for Llama, 0.0775 for Qwen"
  /// The scale of updates beside the rank.
  case fixedAlpha =
    "LoRA Without Regret, 2025: with alpha fixed, the best rate hardly depends on the rank"
  /// The rate of short runs.
  case shortRuns = "LoRA Without Regret, 2025: runs below about 100 steps want a higher rate"
  /// The rows of a step.
  case smallBatches =
    "LoRA Without Regret, 2025: LoRA is safe with batches below 32 and loses at 512"
  /// The passes over small sets.
  case smallData =
    "Hu and others, LoRA, ICLR 2022, tables 9 to 11: small sets are trained for many epochs, large ones for few"
  /// What packed weights take.
  case packedBase = "measured: Documentation/Results.md, low-rank terms on a Q4_K_M base"
  /// What was measured for this model on this machine.
  case measured = "measured on this machine: a rehearsal of the run"
  /// What a probe found.
  case probe = "probe on this machine: successive halving over learning rates on these rows"
  /// What the rows themselves say.
  case data = "the rows themselves"
  /// What the user asked for.
  case asked = "asked for"
  /// What nobody has measured.
  case unknown = "nothing is known for this case; the experiment to find out: "
}

/// One choice with its reason.
public struct AdviceReason: Hashable, Sendable {
  /// The setting and its value, as `rank 16`.
  public let choice: String
  /// Why.
  public let reason: String
  /// Where the rule is from.
  public let source: String

  init(_ choice: String, _ reason: String, _ source: AdviceSource, _ more: String = "") {
    (self.choice, self.reason, self.source) = (choice, reason, source.rawValue + more)
  }
}
