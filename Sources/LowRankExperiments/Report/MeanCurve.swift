/// The mean validation loss of some runs after steps that all of them were evaluated at.
struct MeanCurve {
  let points: [(step: Int, loss: Double)]

  init(_ runs: [RunRecord]) {
    var sums: [Int: (sum: Double, count: Int)] = [:]
    for run in runs {
      for point in run.curve {
        let old = sums[point.step] ?? (0, 0)
        sums[point.step] = (old.sum + point.loss, old.count + 1)
      }
    }
    points = sums.filter { $0.value.count == runs.count }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value.sum / Double($0.value.count)) }
  }

  /// The first step whose loss is at most a given one; nil where there is none.
  func firstStep(reaching loss: Double) -> Int? { points.first { $0.loss <= loss }?.step }
}
