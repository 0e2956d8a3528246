import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `StelLA's retraction` {
  private func departure(_ training: Training) -> Double {
    let engine = training.model.engine
    guard let retraction = training.adapter.retraction else { return .infinity }
    var largest = 0.0
    for parameter in retraction.parameters {
      let matrix = HostMatrix(
        engine.doubles(training.model.store[parameter]), rows: parameter.shape[0],
        columns: parameter.shape[1])
      let isTurned = retraction.columns.contains(parameter)
      let gram =
        isTurned
        ? matrix.transposed.multiplied(by: matrix) : matrix.multiplied(by: matrix.transposed)
      for row in 0..<gram.rows {
        for column in 0..<gram.rows {
          largest = max(largest, abs(gram[row, column] - (row == column ? 1 : 0)))
        }
      }
    }
    return largest
  }

  @Test func `keeps factors orthonormal within 1e-6 over a thousand steps`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    let adapter = try Adapter(
      on: base, targets: .named("q_proj", "up_proj"),
      update: AdapterUpdate(PoLAR(keptBy: .polar), PatternRanks(rank: 3, alpha: 3)))
    var training = try Training(
      adapter, on: RankedRun.examples,
      optimizer: .adamW(learningRate: 0.01, schedule: .constant), steps: 1000, batchSize: 4)
    var losses: [Double] = []
    while let step = try training.next() {
      losses.append(step.loss)
      guard step.number.isMultiple(of: 50) else { continue }
      #expect(departure(training) < 1e-6, "step \(step.number)")
    }
    #expect(losses[999] < 0.5 * losses[0])
    #expect(adapter.landing == nil)
  }

  /// `X ← Z (ZᵀZ)^(−1/2)` with Z from the definitions, and the nearest orthonormal matrix is the polar factor.
  @Test func `is the polar factor of the step within the tangent space`() throws {
    let engine = ReferenceEngine()
    let x = Parameter("x", [5, 2], role: .up, module: "m")
    var random = Philox(key: 3)
    let start = try QRDecomposition(
      HostMatrix((0..<10).map { _ in random.normal() }, rows: 5, columns: 2)
    ).q
    let step = HostMatrix((0..<10).map { _ in 0.1 * random.normal() }, rows: 5, columns: 2)
    var (before, after) = (ParameterStore(), ParameterStore())
    before[x] = engine.tensor(start.elements, x.shape)
    after[x] = engine.tensor(
      zip(start.elements, step.elements).map { $0 + $1 }, x.shape)
    let retraction = StiefelRetraction(rows: [], columns: [x])
    try retraction.retract(&after, from: before, on: engine)
    let cross = start.transposed.multiplied(by: step)
    var z = start
    for row in 0..<5 {
      for column in 0..<2 {
        z[row, column] += step[row, column]
        for k in 0..<2 {
          z[row, column] -= start[row, k] * (cross[k, column] + cross[column, k]) / 2
        }
      }
    }
    let svd = try SingularValueDecomposition(z)
    let expected = svd.left.multiplied(by: svd.right).elements
    #expect(relativeDistance(engine.doubles(after[x]), from: expected) < 1e-12)
    // The projected gradient is tangent: XᵀG + GᵀX = 0 for the part along X.
    var gradients = [x: engine.tensor(step.elements, x.shape)]
    retraction.project(&gradients, before, on: engine)
    let projected = HostMatrix(engine.doubles(gradients[x]!), rows: 5, columns: 2)
    let own = start.transposed.multiplied(by: projected)
    #expect(abs(own[0, 0]) < 1e-12 && abs(own[1, 1]) < 1e-12)
    #expect(abs(own[0, 1] + own[1, 0]) < 1e-12)
  }
}

@Suite struct `Layer-wise distillation` {
  private func problem(damping: Double = 0) -> LayerDistillation {
    var random = Philox(key: 9)
    func normal(_ rows: Int, _ columns: Int) -> HostMatrix<Double> {
      HostMatrix((0..<rows * columns).map { _ in random.normal() }, rows: rows, columns: columns)
    }
    let x = normal(7, 40)
    return LayerDistillation(
      imitating: normal(6, 7), inputs: x.multiplied(by: x.transposed).scaled(by: 1 / 40),
      damping: damping)
  }

  private func start(_ rank: Int) -> LayerDistillation.Factors {
    var random = Philox(key: 4)
    return LayerDistillation.Factors(
      down: HostMatrix((0..<rank * 7).map { _ in random.normal() }, rows: rank, columns: 7),
      up: HostMatrix((0..<6 * rank).map { _ in random.normal() }, rows: 6, columns: rank))
  }

  @Test(arguments: [1, 2, 4])
  func `by alternating least squares ends at reduced-rank regression`(rank: Int) throws {
    for damping in [0, 0.1] {
      let problem = problem(damping: damping)
      let best = problem.loss(try problem.optimum(rank: rank))
      let (_, losses) = try problem.alternating(sweeps: 400, from: start(rank))
      #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 + 1e-12 })
      #expect(abs(losses[399] - best) < 1e-9, "\(losses[399]) and \(best)")
      #expect(losses[0] > best + 1e-3)
    }
  }

  @Test func `solves for one factor where its gradient vanishes`() throws {
    let problem = problem(damping: 0.1)
    var factors = start(3)
    factors.up = try problem.up(for: factors.down)
    let least = problem.loss(factors)
    for index in factors.up.elements.indices {
      for by in [-1e-3, 1e-3] {
        var moved = factors
        moved.up.elements[index] += by
        #expect(problem.loss(moved) > least)
      }
    }
  }
}
