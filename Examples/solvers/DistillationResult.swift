import Foundation
import LowRank

/// Layer-wise distillation by alternating least squares, beside the best that the rank allows.
struct DistillationResult: Sendable {
  /// The loss after each sweep.
  let losses: [Double]
  /// The least loss of the rank, by reduced-rank regression.
  let least: Double

  /// A map of full rank that is imitated at rank 4, on inputs of which some directions vary ten times as much as others.
  ///
  /// - Throws: `LinearAlgebraError`.
  init(sweeps: Int = 30) throws {
    var random = Philox(key: 11)
    let (outputs, inputs, rank) = (20, 24, 4)
    func normal(_ rows: Int, _ columns: Int) -> HostMatrix<Double> {
      HostMatrix(
        (0..<rows * columns).map { _ in random.normal() }, rows: rows, columns: columns)
    }
    var directions = normal(inputs, inputs)
    for row in 0..<inputs {
      for column in 0..<inputs {
        directions[row, column] *= pow(10, -Double(column) / Double(inputs - 1))
      }
    }
    let problem = LayerDistillation(
      imitating: normal(outputs, inputs),
      inputs: directions.multiplied(by: directions.transposed).scaled(by: 1 / Double(inputs)),
      damping: 1e-6)
    let start = LayerDistillation.Factors(down: normal(rank, inputs), up: normal(outputs, rank))
    losses = try problem.alternating(sweeps: sweeps, from: start).losses
    least = problem.loss(try problem.optimum(rank: rank))
  }

  var section: Report.Section {
    Report.Section(
      "Layer-wise distillation",
      [
        .paragraph(
          """
          ½ E ‖ΔW x − BA x‖² with one factor fixed has a closed form in the other. Alternating least squares comes down to \
          the best loss of the rank, which reduced-rank regression finds in one decomposition: \
          \(String(format: "%.6g", least)).
          """),
        .figure(
          LinePlot(
            "Alternating least squares", x: Axis("sweep"),
            y: Axis("loss above the best", scale: .logarithmic),
            series: [
              LinePlot.Series(
                "als",
                losses.enumerated().map {
                  LinePlot.Point(Double($0 + 1), max($1 - least, 0))
                })
            ]), caption: "A sweep solves for B, then for A."),
      ])
  }
}
