import LowRankCheckpoints

/// How a model learns which answers are preferred: the loss of a row, a function of the log-probabilities of its answers.
public struct PreferenceObjective: Hashable, Sendable {
  /// The method.
  public enum Method: String, Hashable, Sendable, CaseIterable {
    /// Direct preference optimization (Rafailov et al., arXiv 2305.18290).
    case dpo
    /// Odds ratio preference optimization (Hong et al., arXiv 2403.07691), which needs no reference.
    case orpo
    /// Kahneman-Tversky optimization (Ethayarajh et al., arXiv 2402.01306), of answers that are good or bad, without pairs.
    case kto
    /// Simple preference optimization (Meng et al., arXiv 2405.14734), which needs no reference.
    case simpo
  }

  /// The loss of a pair under DPO.
  public enum LossType: String, Hashable, Sendable, CaseIterable {
    /// `−log σ(βd)`.
    case sigmoid
    /// `max(0, 1 − βd)` (Zhao et al., arXiv 2305.10425).
    case hinge
    /// `(d̄ − 1/2β)²` of means over tokens (Azar et al., arXiv 2310.12036).
    case ipo
    /// `−((1 − ε) log σ(βd) − ε log σ(−βd)) / (1 − 2ε)` (Chowdhury et al., arXiv 2403.00409).
    case robust
  }

  /// The method.
  public var method: Method
  /// How strongly the answers count against the distance from the reference; with ORPO, the weight of the odds ratio.
  public var beta = 0.1
  /// The loss of a pair; DPO alone has a choice.
  public var lossType = LossType.sigmoid
  /// The probability ε that a pair is the wrong way round, for DPO's sigmoid and robust losses and for SimPO.
  public var labelSmoothing = 0.0
  /// SimPO's margin γ between the rewards.
  public var margin = 0.5
  /// KTO's weight of the losses of good answers.
  public var desirableWeight = 1.0
  /// KTO's weight of the losses of bad answers.
  public var undesirableWeight = 1.0

  /// A method with its usual settings.
  public init(_ method: Method) { self.method = method }

  /// Whether rewards are measured against a reference model.
  public var needsReference: Bool { method == .dpo || method == .kto }

  /// Whether a row has two answers, one of which is preferred.
  public var isPaired: Bool { method != .kto }

  /// Whether the loss also has the likelihood of the prompt with the preferred answer.
  var likensPrompt: Bool { method == .orpo }

  /// Whether the loss depends on the mean distance from the reference over all rows of a micro-batch.
  var hasDivergence: Bool { method == .kto }

  /// Whether the probability of wrong pairs changes the loss.
  public var takesLabelSmoothing: Bool {
    switch method {
    case .dpo: lossType == .sigmoid || lossType == .robust
    case .simpo: true
    case .orpo, .kto: false
    }
  }

  /// The settings that change the loss, by name.
  public var json: JSONObject {
    var json: JSONObject = ["objective": .string(method.rawValue), "beta": .double(beta)]
    switch method {
    case .dpo: json["loss_type"] = .string(lossType.rawValue)
    case .simpo: json["simpo_gamma"] = .double(margin)
    case .kto:
      json["desirable_weight"] = .double(desirableWeight)
      json["undesirable_weight"] = .double(undesirableWeight)
    case .orpo: break
    }
    if takesLabelSmoothing, labelSmoothing > 0 {
      json["label_smoothing"] = .double(labelSmoothing)
    }
    return json
  }

  /// Reads the value of ``json``; nil where it names no method.
  public init?(_ json: JSONObject) {
    guard let method = json["objective"]?.string.flatMap(Method.init(rawValue:)) else { return nil }
    self.init(method)
    beta = json["beta"]?.double ?? beta
    lossType = json["loss_type"]?.string.flatMap(LossType.init(rawValue:)) ?? lossType
    margin = json["simpo_gamma"]?.double ?? margin
    desirableWeight = json["desirable_weight"]?.double ?? desirableWeight
    undesirableWeight = json["undesirable_weight"]?.double ?? undesirableWeight
    labelSmoothing = json["label_smoothing"]?.double ?? labelSmoothing
  }
}
