import LowRankTensors
import LowRankTransformers

/// Sequences laid end to end, with runs of tokens whose log-probabilities are wanted.
struct ScoredRows: Sendable {
  private(set) var lengths: [Int] = []
  /// The token of each row.
  private(set) var ids: [Int32] = []
  /// The rows whose next token is predicted, in order.
  private(set) var labelRows: [Int32] = []
  /// The next token of each of those rows.
  private(set) var labels: [Int32] = []
  /// The places in `labels` of each run.
  private(set) var runs: [Range<Int>] = []

  /// The rows of each sequence.
  var rows: PackedRows { PackedRows(lengths: lengths) }

  /// Adds a sequence; each of the runs, in order, is of tokens that something stands before.
  mutating func add(_ sequence: [Int32], runs wanted: [Range<Int>]) {
    for run in wanted {
      let run = run.clamped(to: 1..<max(1, sequence.count))
      let start = labels.count
      labelRows += run.map { Int32(ids.count + $0 - 1) }
      labels += sequence[run]
      runs.append(start..<labels.count)
    }
    ids += sequence.dropLast()
    lengths.append(max(0, sequence.count - 1))
  }

  /// The negative log-probability of each labelled row, f32 `[labels]`, of which something else than the sum is computed.
  func losses(of model: Model, _ pass: Pass) -> Tensor {
    var pass = pass
    pass.labelSmoothing = 0
    return model.causal.losses(
      model.engine.tensor(ids, [ids.count]), rows: labelRows, labels: labels, pass,
      isSummed: false)
  }

  /// The sum of the log-probabilities of each run, from the losses of the labelled rows.
  func sums(_ losses: [Double]) -> [Double] {
    runs.map { run in -losses[run].reduce(0, +) }
  }

  /// The sum of the log-probabilities of each run, without a derivative.
  func sums(of model: Model, _ adapters: AdapterSelection) -> [Double] {
    guard !labels.isEmpty else { return runs.map { _ in 0 } }
    let losses = losses(of: model, model.pass(rows, adapters: adapters))
    return sums(model.engine.doubles(losses))
  }
}
