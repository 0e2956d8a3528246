import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import Testing

/// `½‖BA − M‖²` on a pair of factors, in f64: the problem on which optimizers are compared.
struct Factorization {
  let engine = ReferenceEngine()
  let target: Tensor
  let pair: FactorPair

  /// A target with singular values from 1 down to 1 / κ.
  init(size: Int, rank: Int, condition: Double) throws {
    var random = Philox(key: 3)
    func orthonormal() throws -> HostMatrix<Double> {
      let normal = (0..<size * rank).map { _ in Double(random.normal()) }
      return try QRDecomposition(HostMatrix(normal, rows: size, columns: rank)).q
    }
    var left = try orthonormal()
    for column in 0..<rank {
      let value = pow(condition, -Double(column) / Double(max(1, rank - 1)))
      for row in 0..<size { left[row, column] *= value }
    }
    let product = left.multiplied(by: try orthonormal().transposed)
    target = engine.tensor(product.elements, [size, size])
    pair = FactorPair(
      down: Parameter("a", [rank, size], role: .down, module: "map"),
      up: Parameter("b", [size, rank], role: .up, module: "map"))
  }

  /// Random factors, A times `gauge` and B divided by it.
  func start(gauge: Double = 1) -> ParameterStore {
    var random = Philox(key: 5)
    var store = ParameterStore()
    for (parameter, factor) in [(pair.down, gauge), (pair.up, 1 / gauge)] {
      let numbers = (0..<parameter.shape.count).map { _ in 0.3 * factor * Double(random.normal()) }
      store[parameter] = engine.tensor(numbers, parameter.shape)
    }
    return store
  }

  func product(_ store: ParameterStore) -> Tensor {
    engine.product(Matrix(store[pair.up]), Matrix(store[pair.down]), storedAs: .float32)
  }

  /// `‖BA − M‖ / ‖M‖`.
  func error(_ store: ParameterStore) -> Double {
    let rest = engine.sum(product(store), engine.scaled(target, by: -1))
    return (engine.sumOfSquares(rest) / engine.sumOfSquares(target)).squareRoot()
  }

  func step(
    _ number: Int, _ optimizer: inout any Optimizer, rate: Double, _ store: inout ParameterStore
  ) throws {
    let rest = engine.sum(product(store), engine.scaled(target, by: -1))
    var sum = GradientSum()
    sum.tokens = 1
    let group = ParameterGroup("map", [pair.down, pair.up], pairs: [pair])
    for parameter in optimizer.trained(of: group, at: number) {
      sum.gradients[parameter] =
        parameter == pair.down
        ? engine.product(store[pair.up].transposed, Matrix(rest), storedAs: .float32)
        : engine.product(Matrix(rest), store[pair.down].transposed, storedAs: .float32)
    }
    try optimizer.apply(sum, to: [group], in: &store, rate: rate, step: number + 1, on: engine)
  }
}

/// AdamW without memory and with ε far above every gradient divides by ε: its steps are those of gradient descent at the
/// rate `η / ε`.
private let descent = "beta1=0,beta2=0,eps=1e9"

/// An optimizer without momentum and damping, and the rate of a step.
struct OptimizerCore: CustomTestStringConvertible, Sendable {
  let text: String
  let rate: Double
  var testDescription: String { text }

  func make() throws -> any Optimizer {
    let registry = MethodRegistries.optimizers
    return registry.make(try registry.choice(text))([])
  }

  static let descent = OptimizerCore(text: "adamw:\(LowRankTrainingTests.descent)", rate: 1e9)
  static let invariant = [
    OptimizerCore(text: "scaled-adamw:damping=0,\(LowRankTrainingTests.descent)", rate: 1e9),
    OptimizerCore(text: "reflora:warmup=0,\(LowRankTrainingTests.descent)", rate: 1e9),
    OptimizerCore(text: "altlora:momentum=0,damping=0", rate: 1),
    OptimizerCore(text: "lora-rite:beta1=0,beta2=0", rate: 1),
  ]
}

@Suite struct `The split of a product into factors` {
  /// The products after each of some steps from factors in a gauge.
  private func products(_ core: OptimizerCore, gauge: Double) throws -> [[Double]] {
    let problem = try Factorization(size: 12, rank: 3, condition: 5)
    var (optimizer, store) = (try core.make(), problem.start(gauge: gauge))
    return try (0..<20).map { number in
      try problem.step(number, &optimizer, rate: 0.05 * core.rate, &store)
      return problem.engine.doubles(problem.product(store))
    }
  }

  private func distance(_ core: OptimizerCore, _ gauge: Double) throws -> Double {
    let (plain, turned) = (try products(core, gauge: 1), try products(core, gauge: gauge))
    let moved = zip(plain[19], plain[0]).map { abs($0 - $1) }.max() ?? 0
    #expect(moved > 0.01, "the product has not moved")
    return zip(plain, turned).flatMap { zip($0, $1).map { abs($0 - $1) } }.max() ?? .infinity
  }

  @Test(arguments: OptimizerCore.invariant, [1e3, 1e-3])
  func `does not change the steps of invariant optimizers`(core: OptimizerCore, gauge: Double)
    throws
  {
    #expect(try distance(core, gauge) < 1e-6)
  }

  @Test func `changes those of gradient descent`() throws {
    // A smaller c than the others', with which gradient descent would diverge.
    #expect(try distance(.descent, 2) > 1e-3)
  }
}

@Suite struct `Alternating optimizers` {
  @Test(arguments: ["rolora", "altlora"])
  func `change B and A in turns`(name: String) throws {
    let problem = try Factorization(size: 8, rank: 2, condition: 2)
    var (optimizer, store) = (
      try OptimizerCore(text: name, rate: 1).make(), problem.start()
    )
    for number in 0..<6 {
      let before = store
      try problem.step(number, &optimizer, rate: 0.01, &store)
      let (still, moving) =
        number.isMultiple(of: 2)
        ? (problem.pair.down, problem.pair.up) : (problem.pair.up, problem.pair.down)
      #expect(problem.engine.doubles(before[still]) == problem.engine.doubles(store[still]))
      #expect(problem.engine.doubles(before[moving]) != problem.engine.doubles(store[moving]))
    }
  }
}

@Suite struct `The steps to a target` {
  /// The steps until the error is 10⁻⁶, at the best rate of a grid; nil where no rate gets there.
  private func steps(
    _ core: OptimizerCore, condition: Double, gauge: Double = 1, most: Int
  ) throws -> Int? {
    let problem = try Factorization(size: 16, rank: 3, condition: condition)
    return try [0.001, 0.01, 0.1, 0.2, 0.4, 0.7, 1].compactMap { rate -> Int? in
      var (optimizer, store) = (try core.make(), problem.start(gauge: gauge))
      for number in 0..<most {
        do { try problem.step(number, &optimizer, rate: rate * core.rate, &store) } catch {
          return nil
        }
        let error = problem.error(store)
        if error < 1e-6 { return number + 1 }
        if !(error < 1e3) { return nil }
      }
      return nil
    }.min()
  }

  /// Scaled descent and AltLoRA do not depend on the target's condition.
  @Test(arguments: [10.0, 100])
  func `are ten times fewer with scaled descent where it is ill-conditioned`(condition: Double)
    throws
  {
    for core in [OptimizerCore.invariant[0], OptimizerCore.invariant[2]] {
      let fast = try #require(try steps(core, condition: condition, most: 400))
      let slow = try steps(.descent, condition: condition, most: fast * 10)
      #expect(slow == nil, "\(core.text): \(fast) steps, gradient descent \(slow ?? 0)")
    }
  }

  /// RefLoRA depends on the condition as gradient descent on balanced factors does, but not on the balance.
  @Test func `are ten times fewer with RefLoRA where factors are out of balance`() throws {
    let core = OptimizerCore.invariant[1]
    let fast = try #require(try steps(core, condition: 3, gauge: 8, most: 400))
    let slow = try steps(.descent, condition: 3, gauge: 8, most: fast * 10)
    #expect(slow == nil, "\(core.text): \(fast) steps, gradient descent \(slow ?? 0)")
  }
}
