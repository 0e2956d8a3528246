import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// The random starts of loralib and PEFT, as they are distributed: 8192 numbers of A for each map.
@Suite struct `A random start of factors` {
  private static let inputs = 256

  private struct Factors: Equatable {
    var down, up: [Float]
  }

  /// A and B of `up_proj` in each of two layers.
  private func factors(_ start: any Initialization, rank: Int, seed: UInt64 = 3) throws
    -> [Factors]
  {
    let model = try TinyModels.llama(
      on: CPUEngine(), changing: ["hidden_size": .integer(Self.inputs)])
    let adapter = try Adapter(
      on: model, targets: .named("up_proj"), update: .lora(rank: rank, start: start), seed: seed)
    return try adapter.updates.map { update in
      let down = try #require(update.parameters.first { $0.role == .down })
      let up = try #require(update.parameters.first { $0.role == .up })
      #expect(down.shape == [rank, Self.inputs] && up.shape == [12, rank])
      return Factors(
        down: model.engine.floats(adapter.values[down]),
        up: model.engine.floats(adapter.values[up]))
    }
  }

  /// Mean, variance, and the share of the numbers within one standard deviation of 0.
  private func statistics(_ numbers: [Float], deviation: Double) -> (
    mean: Double, variance: Double, within: Double
  ) {
    let (count, all) = (Double(numbers.count), numbers.map(Double.init))
    let mean = all.reduce(0, +) / count
    return (
      mean, all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1),
      Double(all.count { abs($0) < deviation }) / count
    )
  }

  /// All bounds are five standard errors of 8192 independent numbers.
  @Test func `by the name of kaiming is uniform within one over the root of the inputs`() throws {
    let bound = 1 / Double(Self.inputs).squareRoot()
    let variance = 1 / (3 * Double(Self.inputs))
    for factors in try factors(KaimingStart(), rank: 32) {
      #expect(factors.down.count == 8192)
      #expect(factors.down.allSatisfy { abs(Double($0)) <= bound })
      // The numbers come as close to both ends as so many do.
      #expect(try Double(#require(factors.down.max())) > 0.99 * bound)
      #expect(try Double(#require(factors.down.min())) < -0.99 * bound)
      let found = statistics(factors.down, deviation: variance.squareRoot())
      #expect(abs(found.mean) < 5 * (variance / 8192).squareRoot())
      // The variance of x² is (1/5 − 1/9) of the bound's fourth power.
      #expect(abs(found.variance / variance - 1) < 5 * (0.8 / 8192).squareRoot())
      let share = 1 / 3.0.squareRoot()
      #expect(abs(found.within - share) < 5 * (share * (1 - share) / 8192).squareRoot())
      #expect(factors.up.allSatisfy { $0 == 0 })
    }
  }

  /// As PEFT's `nn.init.normal_(lora_A, std=1 / r)`: whatever the inputs are.
  @Test(arguments: [8, 32])
  func `by the name of gaussian is normal with a deviation of one over the rank`(rank: Int) throws {
    let variance = 1 / Double(rank * rank)
    for factors in try factors(GaussianStart(), rank: rank) {
      let count = Double(factors.down.count)
      let found = statistics(factors.down, deviation: variance.squareRoot())
      #expect(abs(found.mean) < 5 * (variance / count).squareRoot())
      #expect(abs(found.variance / variance - 1) < 5 * (2 / count).squareRoot())
      let share = 0.682_689_5
      #expect(abs(found.within - share) < 5 * (share * (1 - share) / count).squareRoot())
      // One of 370 lies beyond three deviations, which no uniform distribution of this variance reaches.
      let far = factors.down.count { abs(Double($0)) > 3 * variance.squareRoot() }
      #expect(abs(Double(far) / count - 0.0027) < 5 * (0.0027 / count).squareRoot())
      #expect(factors.up.allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: [KaimingStart(), GaussianStart()] as [any Initialization])
  func `has the same numbers from the same seed, and others from another and for another layer`(
    start: any Initialization
  ) throws {
    let first = try factors(start, rank: 4)
    #expect(try factors(start, rank: 4) == first)
    let other = try factors(start, rank: 4, seed: 4)
    for (a, b) in [(first[0], other[0]), (first[1], other[1]), (first[0], first[1])] {
      let same = zip(a.down, b.down).count { $0 == $1 }
      #expect(same < 8, "\(same) of \(a.down.count) numbers are the same")
      // Numbers that have nothing to do with each other have no correlation beyond chance.
      let product = zip(a.down, b.down).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let sizes = [a.down, b.down].map { $0.reduce(0) { $0 + Double($1) * Double($1) } }
      #expect(abs(product) < 5 * (sizes[0] * sizes[1] / Double(a.down.count)).squareRoot())
    }
  }
}
