import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// Prompts with their answers, laid end to end, and what is to be learned of them.
///
/// The reference is a pass of its own, before the one that is differentiated. Losses are worked out on the host from summed
/// log-probabilities; the derivative of a row's loss scales its gradient, so that nothing of the extent
/// `tokens × vocabulary` is ever there.
public struct PreferenceBatch: LearningBatch {
  public let sources: [Int]
  private let objective: PreferenceObjective
  private let reference: ReferencePolicy?
  private let known: [[Double]]?
  private let examples: [PreferenceExample]
  /// The rows of the micro-batch, and its tokens; without its divergence, which depends on the model.
  private let facts: MicrobatchFacts
  private let scored: ScoredRows
  /// The prompts with the answers to others, of which the divergence is estimated; empty unless it is asked for.
  private let mismatched: ScoredRows

  /// The given examples of a set, which are all of a micro-batch or a part of it.
  init(_ set: PreferenceSet, at sources: [Int], of microbatch: Microbatch) {
    self.sources = sources
    (objective, reference) = (set.objective, set.reference)
    known = set.scores.all.map { scores in sources.map { scores[$0] } }
    examples = sources.map { set.examples[$0] }
    facts = microbatch.facts
    var (scored, mismatched) = (ScoredRows(), ScoredRows())
    for (source, example) in zip(sources, examples) {
      let prompt = example.promptCount
      for (index, side) in example.sides.enumerated() {
        let answer = prompt..<side.ids.count
        let likensPrompt = objective.likensPrompt && index == 0
        scored.add(side.ids, runs: likensPrompt ? [0..<prompt, answer] : [answer])
      }
      if objective.hasDivergence {
        let other = set.examples[microbatch.answer(for: source)]
        let ids =
          example.sides[0].ids[..<prompt] + other.sides[0].ids[other.promptCount...]
        mismatched.add(
          Array(ids.prefix(set.maxLength)), runs: [prompt..<min(ids.count, set.maxLength)])
      }
    }
    (self.scored, self.mismatched) = (scored, mismatched)
  }

  public var rows: PackedRows { scored.rows }
  public var ids: [Int32] { scored.ids }
  public var lossCount: Int { sources.count }
  public var trainedRows: [Int32]? { scored.labelRows }

  public func losses(of model: Model, _ pass: Pass) -> Tensor {
    result(of: model, pass, shared: []).losses
  }

  /// The gains of answers to other prompts, and their number, of which the divergence of the micro-batch is the mean.
  public func sharedSums(of model: Model, _ adapters: AdapterSelection) -> [Double] {
    guard objective.hasDivergence else { return [] }
    return [gains(of: model, adapters).reduce(0, +), Double(sources.count)]
  }

  /// The gains of answers to other prompts.
  private func gains(of model: Model, _ adapters: AdapterSelection) -> [Double] {
    guard let reference else { return sources.map { _ in 0 } }
    return zip(
      mismatched.sums(of: model, adapters),
      mismatched.sums(of: reference.model, reference.adapters)
    ).map { $0 - $1 }
  }

  public func result(of model: Model, _ pass: Pass, shared: [Double]) -> BatchResult {
    let references = references()
    let losses = scored.losses(of: model, pass)
    let numbers = model.engine.doubles(losses)
    var facts = facts
    if shared.count == 2, shared[1] > 0 { facts.divergence = max(0, shared[0] / shared[1]) }
    let answers = scores(scored.sums(numbers), references)
    var measures = PreferenceMeasures()
    let results = zip(examples, answers).map { objective.loss(of: $0, $1, facts, &measures) }
    // Losses are negative log-probabilities, so that their derivatives have the other sign.
    var slopes = [Double](repeating: 0, count: numbers.count)
    var owners = [Int32](repeating: 0, count: numbers.count)
    var run = 0
    for (index, result) in results.enumerated() {
      for (side, slope) in result.slopes.enumerated() {
        let isLikened = objective.likensPrompt && side == 0
        for part in isLikened ? [0, slope] : [slope] {
          for row in scored.runs[run] {
            slopes[row] = -(part + (isLikened ? result.likelihoodSlope : 0))
            owners[row] = Int32(index)
          }
          run += 1
        }
      }
    }
    return BatchResult(
      losses: pass.compute.given(
        results.map(\.value), of: losses, slopes: slopes, owners: owners),
      preferences: measures)
  }

  /// The log-probabilities of each example's answers under the reference.
  func references() -> [[Double]] {
    if let known { return known }
    guard let reference, objective.needsReference else {
      return examples.map { $0.sides.map { _ in 0 } }
    }
    return answerSums(scored.sums(of: reference.model, reference.adapters)).map(\.answers)
  }

  /// Everything of which losses are worked out, for each example, without a derivative.
  func scores(of model: Model, _ adapters: AdapterSelection) -> [RowScores] {
    var scores = scores(scored.sums(of: model, adapters), references())
    guard objective.hasDivergence else { return scores }
    for (index, gain) in gains(of: model, adapters).enumerated() {
      scores[index].mismatchedGain = gain
    }
    return scores
  }

  private func scores(_ sums: [Double], _ references: [[Double]]) -> [RowScores] {
    zip(answerSums(sums), zip(examples, references)).map { sums, row in
      let (example, references) = row
      return RowScores(
        answers: zip(zip(sums.answers, references), example.sides).map { values, side in
          AnswerScore(
            logProbability: values.0, reference: values.1, tokens: side.trainedCount,
            length: side.ids.count - example.promptCount)
        }, prompt: sums.prompt)
    }
  }

  /// The sums of runs by example.
  private func answerSums(_ sums: [Double]) -> [(prompt: Double, answers: [Double])] {
    var rest = sums[...]
    return examples.map { example in
      let prompt = objective.likensPrompt ? rest.popFirst() ?? 0 : 0
      return (prompt, example.sides.map { _ in rest.popFirst() ?? 0 })
    }
  }
}

extension PreferenceSet: TrainingSet {
  public var count: Int { examples.count }
  public func rows(of example: Int) -> [Int] { [rowNumbers[example]] }
  public func inputTokens(of example: Int) -> Int { examples[example].inputTokens }
  public func sequences(of example: Int) -> Int { examples[example].sides.count }
  public var sharedCount: Int { objective.hasDivergence ? 2 : 0 }

  /// What tells one set from another: a hash of all tokens, of where answers begin, and of which are good.
  public var fingerprint: String {
    var record: [Int64] = []
    for example in examples {
      record += [Int64(example.promptCount), example.isDesirable ? 1 : 0]
      for side in example.sides { record += [Int64(side.ids.count)] + side.ids.map(Int64.init) }
    }
    return record.withUnsafeBytes { MurmurHash3(of: $0).hexadecimal }
  }

  public func batch(at sources: [Int]) -> PreferenceBatch { batch(at: sources, of: sources) }

  public func batch(at sources: [Int], of microbatch: [Int]) -> PreferenceBatch {
    PreferenceBatch(self, at: sources, of: Microbatch(microbatch, of: self))
  }
}
