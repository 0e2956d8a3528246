import Foundation

/// The loss of one row, and its derivatives by the log-probabilities of its answers.
struct PreferenceLoss: Hashable, Sendable {
  /// The loss.
  var value: Double
  /// The derivative by each answer's summed log-probability: the preferred one first, or the only one.
  var slopes: [Double]
  /// The derivative by the log-probability of each token of the prompt and of the preferred answer, beside `slopes`.
  var likelihoodSlope = 0.0
  /// The rewards of the answers.
  var rewards: [Double]
}

/// What the losses of a micro-batch have in common.
struct MicrobatchFacts: Hashable, Sendable {
  /// Its rows.
  var rows = 1
  /// The predicted tokens of its prompts with their preferred answers.
  var likelihoodTokens = 1
  /// KTO's estimate of the distance from the reference: the mean gain of answers to other prompts, 0 at the least.
  var divergence = 0.0
}

extension PreferenceObjective {
  /// The loss of a pair of answers.
  ///
  /// With `d` the difference of the gains of both answers, and `m` of the mean log-probabilities:
  ///  - DPO: ``LossType`` of d.
  ///  - SimPO: `−(1 − ε) log σ(z) − ε log σ(−z)` with `z = βm − γ`.
  ///  - ORPO: the mean negative log-likelihood of all tokens of the preferred sequences, less `β log σ(o)` with the
  ///    logarithm of the odds ratio `o = m − log(1 − eᶜ) + log(1 − eʳ)` of the means c and r.
  /// - Parameter promptLogProbability: that of the prompt before the preferred answer.
  func loss(
    chosen: AnswerScore, rejected: AnswerScore, promptLogProbability: Double = 0,
    _ facts: MicrobatchFacts
  ) -> PreferenceLoss {
    switch method {
    case .dpo:
      let (value, slope) = loss(of: chosen, over: rejected)
      return PreferenceLoss(
        value: value, slopes: slope, rewards: [beta * chosen.gain, beta * rejected.gain])
    case .simpo:
      let (value, slope) = smoothed(beta * (chosen.mean - rejected.mean) - margin)
      return PreferenceLoss(
        value: value, slopes: [beta * slope / chosen.size, -beta * slope / rejected.size],
        rewards: [beta * chosen.mean, beta * rejected.mean])
    case .orpo:
      // A probability of 1 has no finite odds.
      let (c, r) = (min(chosen.mean, -1e-9), min(rejected.mean, -1e-9))
      let odds = c - r - log1mexp(c) + log1mexp(r)
      let share = Double(facts.rows) / Double(max(1, facts.likelihoodTokens))
      // d log(eˣ / (1 − eˣ)) / dx = −1 / expm1(x)
      let slope = -beta * sigmoid(-odds)
      return PreferenceLoss(
        value: -share * (promptLogProbability + chosen.logProbability) + beta * softplus(-odds),
        slopes: [
          -slope / expm1(c) / chosen.size, slope / expm1(r) / rejected.size,
        ], likelihoodSlope: -share, rewards: [beta * chosen.mean, beta * rejected.mean])
    case .kto: preconditionFailure("KTO's answers are no pairs")
    }
  }

  /// DPO's loss of a pair, and its derivatives by the log-probabilities of both answers.
  private func loss(
    of chosen: AnswerScore, over rejected: AnswerScore
  ) -> (value: Double, slopes: [Double]) {
    let z = beta * (chosen.gain - rejected.gain)
    switch lossType {
    case .sigmoid:
      let (value, slope) = smoothed(z)
      return (value, [beta * slope, -beta * slope])
    case .hinge:
      let slope = z < 1 ? -beta : 0
      return (max(0, 1 - z), [slope, -slope])
    case .ipo:
      let distance = chosen.meanGain - rejected.meanGain - 1 / (2 * beta)
      return (
        distance * distance,
        [
          2 * distance / Double(max(1, chosen.length)),
          -2 * distance / Double(max(1, rejected.length)),
        ]
      )
    case .robust:
      let (right, wrong) = (1 - labelSmoothing, labelSmoothing)
      let slope = beta * (-right * sigmoid(-z) - wrong * sigmoid(z)) / (1 - 2 * wrong)
      return ((right * softplus(-z) - wrong * softplus(z)) / (1 - 2 * wrong), [slope, -slope])
    }
  }

  /// `−(1 − ε) log σ(z) − ε log σ(−z)` with its derivative.
  private func smoothed(_ z: Double) -> (value: Double, slope: Double) {
    let (right, wrong) = (1 - labelSmoothing, labelSmoothing)
    return (
      right * softplus(-z) + wrong * softplus(z), wrong * sigmoid(z) - right * sigmoid(-z)
    )
  }

  /// KTO's loss of one answer: `w (1 − σ(±β (gain − divergence)))`, plus where the answer is good; the divergence is held
  /// constant.
  func loss(of answer: AnswerScore, isDesirable: Bool, _ facts: MicrobatchFacts) -> PreferenceLoss {
    let sign = isDesirable ? 1.0 : -1
    let weight = isDesirable ? desirableWeight : undesirableWeight
    let share = sigmoid(sign * beta * (answer.gain - facts.divergence))
    return PreferenceLoss(
      value: weight * (1 - share), slopes: [-sign * weight * beta * share * (1 - share)],
      rewards: [beta * answer.gain])
  }
}

extension AnswerScore {
  /// The number of predicted tokens, to divide by.
  fileprivate var size: Double { Double(max(1, tokens)) }
}

/// `log(1 + eˣ)`.
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

/// `1 / (1 + e⁻ˣ)`.
private func sigmoid(_ x: Double) -> Double {
  x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
}

/// `log(1 − eˣ)` of a number below 0.
private func log1mexp(_ x: Double) -> Double {
  x > -0.693 ? log(-expm1(x)) : log1p(-exp(x))
}
