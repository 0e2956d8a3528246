import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `Combined adapters` {
  /// Two modules of rank 4 in each adapter; the second has another scale in the second.
  private func made(_ seed: UInt64, rank: Int = 4, scales: [Double] = [2, 2]) throws -> MadeAdapter
  {
    try MadeAdapter(
      [(20, 12), (16, 30)].enumerated().map { index, shape in
        let seed = 10 * seed + UInt64(index)
        return .init(
          path: "model.layers.\(index).self_attn.q_proj", up: noise(shape.0, rank, seed: seed),
          down: noise(rank, shape.1, seed: seed + 5), scale: scales[index])
      })
  }

  /// Σ wᵢ ΔWᵢ, dense.
  private func sum(_ adapters: [WeightedAdapter]) throws -> [String: HostMatrix<Double>] {
    var result: [String: HostMatrix<Double>] = [:]
    for entry in adapters {
      for (path, update) in try entry.adapter.updates() {
        let term = update * entry.weight
        result[path] = result[path].map { $0 - term * -1 } ?? term
      }
    }
    return result
  }

  /// Combines, writes and reads back, and compares the report with dense arithmetic.
  private func combine(
    _ adapters: [WeightedAdapter], _ mode: any CombinationMode,
    _ body: (StoredAdapter, CombinationReport) throws -> Void
  ) throws {
    let combination = try Combination(adapters)
    let draft = try combination.draft(by: mode)
    let report = try combination.report(on: draft)
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-sum-\(UUID())")
    defer { try? FileManager.default.removeItem(at: url) }
    try publishFolder(at: url) { try draft.write(as: .peft, into: $0) }
    let result = try StoredAdapter(at: url)
    let found = try result.updates()
    for (path, expected) in try sum(adapters) {
      let distance = (found[path].map { expected - $0 } ?? expected).energy.squareRoot()
      let module = try #require(report.modules.first { $0.path == path })
      #expect(abs(module.norm - expected.energy.squareRoot()) < 1e-9 * (1 + module.norm))
      #expect(abs(module.distance - distance) < 1e-6 * (1 + module.norm), "\(path)")
    }
    #expect(report.rank == result.modules.reduce(0) { $0 + $1.rank })
    #expect(report.parameters == result.factorParameters)
    try body(result, report)
  }

  @Test(arguments: [[1.0, 1], [0.5, 2], [1, -0.7], [0.5, 0.5]])
  func `by sum and by cat are exact`(weights: [Double]) throws {
    let (a, b) = (try made(1), try made(2, rank: 3, scales: [2, 0.3]))
    let adapters = try zip([a, b], weights).map { try WeightedAdapter($0.stored(), weight: $1) }
    for mode in [ExactSum(of: adapters), Concatenation()] as [any CombinationMode] {
      try combine(adapters, mode) { result, report in
        #expect(report.relativeDistance < 1e-7)
        #expect(result.modules.map(\.rank) == [7, 7])
      }
    }
  }

  @Test func `of one with weight 1 are that one, byte for byte`() throws {
    let one = try WeightedAdapter(made(3).stored())
    try combine([one], ExactSum(of: [one])) { result, report in
      for (old, new) in zip(one.adapter.modules, result.modules) {
        #expect(old.scale == new.scale)
        #expect(old.up.bytes == new.up.bytes && old.down.bytes == new.down.bytes)
      }
      #expect(report.relativeDistance < 1e-15)
    }
  }

  @Test func `with equal scales and weights keep every number and the type`() throws {
    let adapters = try [4, 5].map { seed in
      try WeightedAdapter(
        MadeAdapter.random(as: .bfloat16).stored(), weight: seed == 4 ? 0.5 : -0.5)
    }
    let other = try WeightedAdapter(made(4).stored(), weight: 0.5)
    let twin = try WeightedAdapter(made(5).stored(), weight: -0.5)
    let draft = try Combination([other, twin]).draft(by: ExactSum(of: [other, twin]))
    for module in draft.modules {
      let parts = try [other, twin].map { entry in
        try #require(entry.adapter.modules.first { $0.path == module.path })
      }
      #expect(try module.down.values() == parts[0].down.values() + parts[1].down.values().map(-))
      #expect(module.scale == 1)
    }
    // A module of one adapter alone, of 16 bits, is not widened.
    let mixed = try Combination([adapters[0]]).draft(by: ExactSum(of: [adapters[0]]))
    #expect(mixed.modules.allSatisfy { $0.up.type == .bfloat16 && $0.up.stored != nil })
  }

  @Test func `take a module from those that have it`() throws {
    let (a, b) = (try made(6), try MadeAdapter.random())
    let adapters = [
      try WeightedAdapter(a.stored()),
      try WeightedAdapter(
        MadeAdapter([
          .init(
            path: "model.layers.9.mlp.up_proj", up: noise(8, 2, seed: 1), down: noise(2, 9, seed: 2)
          )
        ]).stored(), weight: 3),
    ]
    try combine(adapters, ExactSum(of: adapters)) { result, report in
      #expect(result.modules.map(\.rank) == [4, 4, 2])
      #expect(report.relativeDistance < 1e-7)
    }
    #expect(throws: CombinationError.self) {
      try Combination([adapters[0], WeightedAdapter(b.stored())])
    }
  }

  @Test func `that cancel are nothing, in all modules or in one`() throws {
    let (a, b) = (try made(7), try made(7))
    let both = [try WeightedAdapter(a.stored()), try WeightedAdapter(b.stored(), weight: -1)]
    #expect(throws: CombinationError.nothingLeft(modules: 2)) {
      try Combination(both).draft(by: ExactSum(of: both))
    }
    let third = try WeightedAdapter(
      MadeAdapter([
        .init(
          path: "model.layers.0.self_attn.q_proj", up: noise(20, 1, seed: 3),
          down: noise(1, 12, seed: 4))
      ]).stored())
    try combine(both + [third], ExactSum(of: both + [third])) { result, _ in
      #expect(result.modules.map(\.path) == ["model.layers.0.self_attn.q_proj"])
    }
    #expect(throws: CombinationError.nothingLeft(modules: 2)) {
      let none = try WeightedAdapter(a.stored(), weight: 0)
      _ = try Combination([none]).draft(by: ExactSum(of: [none]))
    }
  }

  @Test(arguments: [1, 3, 5, 20])
  func `by svd are as far from the sum as what was cut off`(rank: Int) throws {
    let adapters = [
      try WeightedAdapter(made(8).stored(), weight: 0.7),
      try WeightedAdapter(made(9, rank: 5).stored(), weight: -1.5),
    ]
    let exact = try sum(adapters)
    try combine(adapters, TruncatedSum(rank: rank)) { result, report in
      for module in report.modules {
        let values = try SingularValueDecomposition(#require(exact[module.path])).values
        let tail = values.dropFirst(rank).reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(module.distance - tail) < 1e-5 * values[0])
        #expect(module.rank == min(rank, 9))
      }
    }
  }

  @Test func `cut to what a map can have never have more`() throws {
    let adapters = [
      try WeightedAdapter(made(1, rank: 8).stored()),
      try WeightedAdapter(made(2, rank: 8).stored()),
    ]
    try combine(adapters, TruncatedSum(rank: 12)) { result, report in
      #expect(result.modules.map(\.rank) == [12, 12])
      #expect(report.modules[0].distance < 1e-5 * report.modules[0].norm)
    }
    try combine(adapters, TruncatedSum(rank: 16)) { result, _ in
      #expect(result.modules.map(\.rank) == [12, 16])
    }
  }

  @Test func `by sum and a budget are PARA's cut of the sum`() throws {
    let adapters = [try WeightedAdapter(made(1).stored()), try WeightedAdapter(made(2).stored())]
    let combination = try Combination(adapters)
    let whole = try StoredAdapter(
      combination.draft(by: ExactSum(of: adapters)), at: URL(filePath: "sum"))
    let compression = try Compression(whole)
    let ranks = RankBudget(share: 0.25).ranks(for: compression.spectra)
    #expect(ranks.reduce(0, +) == 4)
    let (draft, certificate) = try compression.keeping(ranks)
    let report = try combination.report(on: draft)
    #expect(report.rank == 4)
    #expect(
      abs(report.distance * report.distance - certificate.discardedEnergy)
        < 1e-5 * certificate.energy)
  }

  @Test func `by linear are far from the sum, and are told so`() throws {
    let adapters = [try WeightedAdapter(made(1).stored()), try WeightedAdapter(made(2).stored())]
    let linear = PEFTMode.linear.mode(density: 1, election: .total, seed: 0, rank: 4)
    try combine(adapters, linear) { result, report in
      #expect(report.relativeDistance > 0.5)
      #expect(result.modules.map(\.rank) == [4, 4])
      // A = √s A₁ + √s A₂, B likewise.
      let parts = adapters.map { $0.adapter.modules[0] }
      let expected = zip(try parts[0].down.values(), try parts[1].down.values())
        .map { Float(2.0.squareRoot()) * ($0 + $1) }
      for (value, wanted) in zip(try result.modules[0].down.values(), expected) {
        #expect(abs(value - wanted) < 1e-5)
      }
    }
    // The sign of a weight belongs to one factor alone.
    for weight in [1, -0.5] {
      let alone = [try WeightedAdapter(adapters[0].adapter, weight: weight)]
      try combine(alone, linear) { _, report in #expect(report.relativeDistance < 1e-6) }
    }
  }

  @Test(arguments: PEFTMode.allCases)
  func `by every mode of PEFT say how far they are`(mode: PEFTMode) throws {
    let adapters = [
      try WeightedAdapter(made(1).stored(), weight: 0.8),
      try WeightedAdapter(made(2).stored(), weight: -0.4),
    ]
    let mode = mode.mode(density: 0.6, election: .frequency, seed: 3, rank: 3)
    try combine(adapters, mode) { result, report in
      #expect(report.distance > 0)
      #expect(result.modules.allSatisfy { $0.rank == (mode is UpdateMerge ? 3 : 4) })
    }
  }
}
