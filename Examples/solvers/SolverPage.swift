import Foundation
import LowRank

/// The page: curves of every problem, and the steps in a table.
struct SolverPage {
  private let results: [ProblemResult]
  private let steps: Int
  private let distillation: DistillationResult?

  init(_ results: [ProblemResult], steps: Int) throws {
    (self.results, self.steps) = (results, steps)
    distillation = try DistillationResult()
  }

  var report: Report {
    Report(
      "Optimizers of factors",
      lead: """
        Small problems in double precision, every optimizer at the best rate of a grid. (B, A) and (BQ, Q⁻¹A) are the same \
        product, so a good solver does not depend on Q.
        """,
      facts: [
        Report.Fact("Steps at most", "\(steps)"),
        Report.Fact("Goal", "‖BA − M‖ / ‖M‖ below 1e-6"),
        Report.Fact(
          "Rates", SolverRun.rates.map { "\($0)" }.joined(separator: ", ")),
      ],
      sections: [overview] + results.map(section) + (distillation.map { [$0.section] } ?? []))
  }

  /// The steps to the goal of every solver on every problem.
  private var overview: Report.Section {
    let solvers = results.first?.runs.map(\.solver.name) ?? []
    return Report.Section(
      "Steps to the goal",
      [
        .table(
          Report.Table(
            columns: ["solver"] + results.map(\.problem.title),
            rows: solvers.enumerated().map { index, name in
              [.text(name)]
                + results.map { result -> Report.Table.Cell in
                  guard let run = result.runs[index].run else { return .text("diverges") }
                  return run.steps.map { .integer($0) } ?? .text(Self.short(run.end))
                }
            }),
          caption: "Whole numbers are steps; where the goal was not reached, the error at the end.")
      ])
  }

  private func section(_ result: ProblemResult) -> Report.Section {
    func plot(_ title: String, _ axis: String, _ value: (SolverRun.Point) -> Double)
      -> Report.Block
    {
      let series = result.runs.compactMap { solver, run in
        run.map { run in
          LinePlot.Series(
            solver.name, run.points.map { LinePlot.Point(Double($0.step), value($0)) })
        }
      }
      return .figure(
        LinePlot(
          "\(title), \(result.problem.title)", x: Axis("step"),
          y: Axis(axis, scale: .logarithmic), series: series),
        caption: "At the best rate of each solver.")
    }
    return Report.Section(
      result.problem.title,
      [
        .paragraph(result.problem.about), plot("Loss", "loss") { $0.loss },
        plot("Error", "‖BA − M‖ / ‖M‖") { $0.error },
        plot("Balance", "‖BᵀB − AAᵀ‖") { $0.balance },
      ])
  }

  private static func short(_ value: Double) -> String {
    let exponent = value > 0 ? Int(log10(value).rounded(.down)) : 0
    return "error 1e\(exponent)"
  }
}
