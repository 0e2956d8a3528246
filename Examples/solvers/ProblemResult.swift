import Foundation
import LowRank
import LowRankConsole

/// What the solvers reach on one problem.
struct ProblemResult: Sendable {
  let problem: SampleProblem
  /// The runs at their best rates; nil for a solver that diverges at all of them.
  let runs: [(solver: SolverRun.Solver, run: SolverRun?)]

  init(_ problem: SampleProblem, steps: Int) throws {
    self.problem = problem
    runs = try SolverRun.Solver.all.map {
      ($0, try SolverRun.best($0, on: problem, steps: steps))
    }
  }

  /// A table for a terminal.
  func text() -> String {
    let rows = runs.map { solver, run -> [String] in
      guard let run else { return [solver.name, "diverges", "", "", ""] }
      return [
        solver.name, run.steps.map(String.init) ?? "–", String(format: "%.2e", run.end),
        String(format: "%g", run.rate),
        String(format: "%.2e", run.points.last?.balance ?? .nan),
      ]
    }
    return
      ([problem.title]
      + TextTable(
        rows: [["solver", "steps", "error", "rate", "balance"]] + rows, right: [1, 2, 3, 4]
      ).text.split(separator: "\n").map(String.init)).joined(separator: "\n")
  }

  var json: JSONObject {
    [
      "name": .string(problem.name), "title": .string(problem.title),
      "solvers": .array(
        runs.map { solver, run in
          .object([
            "name": .string(solver.name), "optimizer": .string(solver.text),
            "rate": run.map { .double($0.rate) } ?? .null,
            "steps": run?.steps.map { .integer($0) } ?? .null,
            "error": run.map { .double($0.end) } ?? .null,
            "balance": run?.points.last.map { .double($0.balance) } ?? .null,
          ])
        }),
    ]
  }
}
