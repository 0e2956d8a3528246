import LowRank
import LowRankTesting
import SolverExperiments
import Testing

@Suite struct `The problems for solvers` {
  @Test func `have the gradients that differences of their losses say`() throws {
    for problem in try SampleProblem.all() {
      var random = Philox(key: 2)
      let point = HostMatrix(
        (0..<problem.target.elements.count).map { _ in random.normal() },
        rows: problem.target.rows, columns: problem.target.columns)
      let gradient = problem.loss(of: point).gradient
      for index in stride(from: 0, to: point.elements.count, by: 97) {
        let values = [1e-4, -1e-4].map { by -> Double in
          var moved = point
          moved.elements[index] += by
          return problem.loss(of: moved).value
        }
        #expect(
          abs((values[0] - values[1]) / 2e-4 - gradient.elements[index]) < 1e-6, "\(problem.name)")
      }
    }
  }

  @Test func `have targets of their ranks, which are where losses are least`() throws {
    for problem in try SampleProblem.all() {
      #expect(problem.error(of: problem.target) == 0)
      let values = try SingularValueDecomposition(problem.target).values
      #expect(values.count { $0 > 1e-9 } <= problem.rank, "\(problem.name)")
      guard problem.name != "spiked" else { continue }
      #expect(problem.loss(of: problem.target).value < 1e-20)
    }
  }

  /// The steps of a solver to the goal, at the best rate of the grid.
  private func steps(_ name: String, on problem: SampleProblem, most: Int) throws -> Int? {
    let solver = try #require(SolverRun.Solver.all.first { $0.name == name })
    return try SolverRun.best(solver, on: problem, steps: most)?.steps
  }

  @Test(arguments: ["factorization-10", "factorization-100"])
  func `take scaled descent a tenth of gradient descent's steps`(name: String) throws {
    let problem = try #require(try SampleProblem.all().first { $0.name == name })
    let fast = try #require(try steps("scaled descent", on: problem, most: 60))
    #expect(try steps("gradient descent", on: problem, most: 10 * fast) == nil)
  }

  /// RefLoRA depends on the condition as gradient descent does, but not on the balance.
  @Test func `take RefLoRA a tenth of gradient descent's steps where factors are out of balance`()
    throws
  {
    let problem = try #require(try SampleProblem.all().first { $0.name == "gauge" })
    let fast = try #require(try steps("RefLoRA descent", on: problem, most: 150))
    #expect(try steps("gradient descent", on: problem, most: 10 * fast) == nil)
  }
}
