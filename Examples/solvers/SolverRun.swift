import Foundation
import LowRank
import LowRankTesting

/// An optimizer on a problem, at one rate.
package struct SolverRun: Sendable {
  /// A solver that is compared.
  package struct Solver: Sendable {
    /// The name for people.
    package let name: String
    /// What `--optimizer` is given.
    package let text: String
    /// What a rate of the grid is multiplied by.
    var unit = 1.0

    /// AdamW without memory and with ε far above every gradient: its steps are those of gradient descent at the rate η / ε.
    private static let descent = "beta1=0,beta2=0,eps=1e9"

    /// Gradient descent first, then the undamped and memoryless cores, then the optimizers as they are used.
    package static let all = [
      Solver(name: "gradient descent", text: "adamw:\(descent)", unit: 1e9),
      Solver(name: "scaled descent", text: "scaled-adamw:damping=0,\(descent)", unit: 1e9),
      Solver(name: "RefLoRA descent", text: "reflora:warmup=0,\(descent)", unit: 1e9),
      Solver(name: "LoRA-Pro descent", text: "lora-pro:damping=0,\(descent)", unit: 1e9),
      Solver(name: "AltLoRA", text: "altlora:momentum=0,damping=0"),
      Solver(name: "AdamW", text: "adamw"), Solver(name: "LoRA+", text: "lora-plus:ratio=4"),
      Solver(name: "scaled AdamW", text: "scaled-adamw:damping=1e-6"),
      Solver(name: "RefLoRA", text: "reflora:warmup=0"),
      Solver(name: "RefLoRA-S", text: "reflora-s"), Solver(name: "LoRA-Pro", text: "lora-pro"),
      Solver(name: "LoRA-RITE", text: "lora-rite"), Solver(name: "RoLoRA", text: "rolora"),
    ]
  }

  /// A step of a run.
  struct Point: Sendable {
    let step: Int
    let loss, error, balance: Double
  }

  /// The error at which a run ends.
  static let goal = 1e-6
  /// The rates that are tried.
  static let rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1]

  let solver: Solver
  /// The rate of the grid.
  package let rate: Double
  /// Some of the steps, the last one among them.
  let points: [Point]
  /// The steps to the goal; nil where it was not reached.
  package let steps: Int?

  /// The run at the best rate of the grid: the one that reaches the goal first, else the one with the least error.
  ///
  /// - Returns: nil where all rates diverge.
  package static func best(_ solver: Solver, on problem: SampleProblem, steps: Int) throws
    -> SolverRun?
  {
    let runs = try concurrentMap(rates.count) { index in
      try SolverRun(solver, on: problem, rate: rates[index], steps: steps)
    }
    return runs.compactMap(\.self).min { one, other in
      (one.steps ?? .max, one.end) < (other.steps ?? .max, other.end)
    }
  }

  /// The error at the end.
  var end: Double { points.last?.error ?? .infinity }

  /// Takes steps; nil where the run diverges or a step is not defined.
  init?(_ solver: Solver, on problem: SampleProblem, rate: Double, steps most: Int) throws {
    (self.solver, self.rate) = (solver, rate)
    let engine = ReferenceEngine()
    let registry = MethodRegistries.optimizers
    var optimizer = registry.make(try registry.choice(solver.text))([])
    let (rank, rows, columns) = (problem.rank, problem.target.rows, problem.target.columns)
    let pair = FactorPair(
      down: Parameter("A", [rank, columns], role: .down, module: "map"),
      up: Parameter("B", [rows, rank], role: .up, module: "map"))
    let group = ParameterGroup("map", [pair.down, pair.up], pairs: [pair])
    let start = problem.start()
    var store = ParameterStore()
    store[pair.down] = engine.tensor(start.down, pair.down.shape)
    store[pair.up] = engine.tensor(start.up, pair.up.shape)
    var (points, reached): ([Point], Int?) = ([], nil)
    for number in 0...most {
      let a = HostMatrix(engine.doubles(store[pair.down]), rows: rank, columns: columns)
      let b = HostMatrix(engine.doubles(store[pair.up]), rows: rows, columns: rank)
      let product = b.multiplied(by: a)
      let (loss, gradient) = problem.loss(of: product)
      let error = problem.error(of: product)
      guard loss.isFinite, error < 1e3 else { return nil }
      let isReached = error < Self.goal
      // Some seventy points, closer at the beginning.
      if isReached || number == most || number < 20 || number.isMultiple(of: max(1, most / 50)) {
        let balance = b.transposed.multiplied(by: b).subtracting(a.multiplied(by: a.transposed))
        points.append(
          Point(step: number, loss: loss, error: error, balance: balance.frobeniusNorm))
      }
      if isReached { reached = number }
      guard !isReached, number < most else { break }
      var sum = GradientSum()
      sum.tokens = 1
      for parameter in optimizer.trained(of: group, at: number) {
        let slope =
          parameter == pair.down
          ? b.transposed.multiplied(by: gradient) : gradient.multiplied(by: a.transposed)
        sum.gradients[parameter] = engine.tensor(slope.elements, parameter.shape)
      }
      do {
        try optimizer.apply(
          sum, to: [group], in: &store, rate: rate * solver.unit, step: number + 1, on: engine)
      } catch { return nil }
    }
    (self.points, steps) = (points, reached)
  }
}
