import LowRankCheckpoints
import LowRankProgress
import LowRankTransformers

/// How well a model tells preferred answers from others.
public struct PreferenceEvaluation: Sendable {
  /// The mean loss of a row, the whole set being one micro-batch.
  public let loss: Double
  /// Rewards, their margin and accuracy.
  public let measures: PreferenceMeasures

  /// The rows that are evaluated at once unless the caller says otherwise.
  public static let batchSize = 4

  /// Scores every row of a set once, without dropout.
  public init(
    _ model: Model, adapters: AdapterSelection = .none, on set: PreferenceSet,
    batchSize: Int = Self.batchSize
  ) {
    var scores: [RowScores] = []
    let work = Work("evaluating \(set.source)", of: set.count)
    defer { work.end() }
    let whole = Microbatch(Array(0..<set.count), of: set)
    for batch in SequentialBatches(set, batchSize: batchSize) {
      scores += PreferenceBatch(set, at: batch.sources, of: whole).scores(of: model, adapters)
      work.advance(by: batch.sources.count)
    }
    self.init(scores, whole.facts, of: set)
  }

  /// Evaluates what a run has reached so far, each process on its part; nil where that was interrupted between two batches.
  ///
  /// - Throws: what the run's reducer throws.
  public init?(
    _ training: Training, on set: PreferenceSet, batchSize: Int = Self.batchSize,
    until isInterrupted: () -> Bool
  ) throws {
    let reducer = training.reducer
    let width = Self.width(of: set)
    var numbers = [Double](repeating: 0, count: set.count * width + 1)
    let work = Work("evaluating \(set.source)", of: set.count)
    defer { work.end() }
    let whole = Microbatch(Array(0..<set.count), of: set)
    for batch in SequentialBatches(
      set, batchSize: batchSize, rank: reducer.rank, world: reducer.world,
      atOnce: training.evaluatedAtOnce)
    {
      guard !isInterrupted() else {
        numbers[set.count * width] = 1
        break
      }
      let scores = PreferenceBatch(set, at: batch.sources, of: whole)
        .scores(of: training.model, training.trainable.selection)
      for (source, row) in zip(batch.sources, scores) {
        numbers.replaceSubrange(source * width..<(source + 1) * width, with: row.numbers)
      }
      work.advance(by: batch.sources.count * reducer.world)
    }
    try reducer.sum(&numbers)
    guard numbers[set.count * width] == 0 else { return nil }
    let scores = set.examples.enumerated().map { index, example in
      RowScores(Array(numbers[index * width..<(index + 1) * width]), of: example)
    }
    self.init(scores, whole.facts, of: set)
  }

  private init(_ scores: [RowScores], _ facts: MicrobatchFacts, of set: PreferenceSet) {
    var facts = facts
    facts.divergence = max(
      0, scores.reduce(0) { $0 + $1.mismatchedGain } / Double(max(1, scores.count)))
    var measures = PreferenceMeasures()
    var sum = 0.0
    for (example, row) in zip(set.examples, scores) {
      sum += set.objective.loss(of: example, row, facts, &measures).value
    }
    loss = sum / Double(max(1, scores.count))
    self.measures = measures
  }

  /// The numbers of each row.
  private static func width(of set: PreferenceSet) -> Int {
    2 + 2 * (set.objective.isPaired ? 2 : 1)
  }

  /// The loss and the measures by name.
  public var json: JSONObject {
    var json: JSONObject = ["loss": .double(loss)]
    for (key, value) in measures.json.entries { json[key] = value }
    json["rows"] = .integer(measures.rows)
    return json
  }
}

extension RowScores {
  /// The numbers that processes exchange.
  fileprivate var numbers: [Double] {
    [prompt, mismatchedGain] + answers.flatMap { [$0.logProbability, $0.reference] }
  }

  /// Reads the numbers of a row.
  fileprivate init(_ numbers: [Double], of example: PreferenceExample) {
    answers = example.sides.enumerated().map { index, side in
      AnswerScore(
        logProbability: numbers[2 + 2 * index], reference: numbers[3 + 2 * index],
        tokens: side.trainedCount, length: side.ids.count - example.promptCount)
    }
    (prompt, mismatchedGain) = (numbers[0], numbers[1])
  }
}
