import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `A compressed adapter` {
  /// Compresses a made adapter and opens the result.
  private func compressed(
    _ made: MadeAdapter, _ policy: any RankPolicy, as form: AdapterForm = .peft,
    _ body: (StoredAdapter, Certificate) throws -> Void
  ) throws {
    let compression = try Compression(made.stored())
    let (draft, certificate) = try compression.keeping(policy.ranks(for: compression.spectra))
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-cut-\(UUID())")
    defer { try? FileManager.default.removeItem(at: url) }
    try publishFolder(at: url) { try draft.write(as: form, into: $0) }
    try body(try StoredAdapter(at: url), certificate)
  }

  @Test func `that keeps all is the same, byte for byte`() throws {
    let made = try MadeAdapter.random(as: .bfloat16)
    for policy in [
      RankBudget(share: 1), GlobalEnergy(share: 1), SpectralThreshold(0), UniformRank(6),
      ModuleEnergy(share: 1), ParameterBudget(1_000_000),
    ] as [any RankPolicy] {
      try compressed(made, policy) { result, certificate in
        #expect(certificate.bound == 0)
        for (old, new) in zip(try made.stored().modules, result.modules) {
          #expect(old.scale == new.scale)
          #expect(old.up.bytes == new.up.bytes)
          #expect(old.down.bytes == new.down.bytes)
        }
      }
    }
  }

  @Test(arguments: [0.1, 0.25, 0.5, 0.8])
  func `is as far away as the energy that was discarded`(share: Double) throws {
    let made = try MadeAdapter.random()
    try compressed(made, RankBudget(share: share)) { result, certificate in
      let distance = try made.stored().squaredDistance(to: result)
      #expect(abs(distance - certificate.discardedEnergy) < 1e-5 * certificate.energy)
      #expect(distance.squareRoot() <= certificate.bound)
      #expect(certificate.rankAfter == Int((share * 18).rounded(.up)))
      #expect(certificate.rankAfter == result.modules.reduce(0) { $0 + $1.rank })
      #expect(certificate.parametersAfter == result.factorParameters)
    }
  }

  @Test(arguments: [StoredType.bfloat16, .float16])
  func `is within its bound though its type is coarse`(type: StoredType) throws {
    let made = try MadeAdapter.random(as: type)
    try compressed(made, UniformRank(5)) { result, certificate in
      #expect(result.modules.allSatisfy { $0.up.type == type && $0.down.type == type })
      let distance = try made.stored().squaredDistance(to: result).squareRoot()
      #expect(distance <= certificate.bound)
      // The bound is of use: rounding adds little to what was cut off.
      #expect(certificate.bound < 1.05 * certificate.discardedEnergy.squareRoot())
    }
  }

  @Test(arguments: AdapterForm.allCases.filter { $0 != .mlx })
  func `has the same updates in every form`(form: AdapterForm) throws {
    var modules = [MadeAdapter.Module]()
    for (index, scale) in [2.0, 2, 0.5].enumerated() {
      modules.append(
        MadeAdapter.Module(
          path: "model.layers.\(index).mlp.up_proj", up: noise(20, 4, seed: UInt64(index)),
          down: noise(4, 10, seed: UInt64(index + 9)), scale: scale))
    }
    let made = try MadeAdapter(modules)
    let ranks = [4, 1, 2]
    let (draft, _) = try Compression(made.stored()).keeping(ranks)
    try compressed(made, Fixed(ranks: ranks), as: form) { result, certificate in
      let expected = draft.modules.map(\.rank)
      #expect(result.modules.map(\.rank) == (form == .padded ? [4, 4, 4] : expected))
      let distance = try made.stored().squaredDistance(to: result)
      #expect(abs(distance - certificate.discardedEnergy) < 1e-5 * certificate.energy)
      let scales = Set(result.modules.map(\.scale))
      #expect(form == .llamacpp ? scales.count == 3 : scales == [2])
    }
  }

  @Test func `leaves out modules of rank 0, and is refused where nothing is left`() throws {
    let made = try MadeAdapter.random()
    try compressed(made, Fixed(ranks: [2, 0, 1])) { result, _ in
      #expect(result.modules.count == 2)
      let targets = result.config["target_modules"]?.array?.compactMap(\.string)
      #expect(targets == result.modules.map(\.path))
    }
    #expect(throws: CompressionError.self) {
      try Compression(made.stored()).keeping([0, 0, 0])
    }
  }

  /// Three modules with magnitudes: one with an update, one with little of it, and one with none.
  private func dora() throws -> MadeAdapter {
    try MadeAdapter(
      [(20, 10, 1.0), (24, 10, 1e-4), (30, 16, 0)].enumerated().map { index, shape in
        MadeAdapter.Module(
          path: "model.layers.\(index).mlp.up_proj",
          up: noise(shape.0, 4, seed: UInt64(index)) * shape.2,
          down: noise(4, shape.1, seed: UInt64(index + 9)))
      }, magnitudes: true, magnitude: 3)
  }

  @Test func `keeps all of DoRA's magnitudes, by every policy`() throws {
    let made = try dora()
    let old = try made.stored().modules
    let smallest = try #require(
      FileBudget(1, for: made.stored()).least(for: Compression(made.stored()).spectra))
    for policy in [
      RankBudget(share: 0.01), GlobalEnergy(share: 0.5), SpectralThreshold(1e9), UniformRank(1),
      ModuleEnergy(share: 0.1), ParameterBudget(30 + 34 + 46),
      FileBudget(smallest.bytes, for: try made.stored()), Fixed(ranks: [4, 0, 0]),
    ] as [any RankPolicy] {
      try compressed(made, policy) { result, certificate in
        #expect(result.modules.map(\.path) == old.map(\.path), "\(policy)")
        #expect(result.config["use_dora"] == true)
        for (before, after) in zip(old, result.modules) {
          #expect(try after.magnitude?.floats() == before.magnitude?.floats())
          #expect(after.rank >= 1)
        }
        #expect(result.modules.last?.rank == 1)
        #expect(certificate.magnitudes == 3 && certificate.json["magnitudes_kept"] == 3)
        #expect(certificate.rankAfter == result.modules.reduce(0) { $0 + $1.rank })
        let distance = try made.stored().squaredDistance(to: result).squareRoot()
        #expect(distance <= certificate.bound + 1e-9)
      }
    }
    #expect(
      FileBudget(smallest.bytes - 1, for: try made.stored())
        .ranks(for: try Compression(made.stored()).spectra) == [0, 0, 0])
    #expect(smallest.modules.sorted() == [0, 1, 2])
  }

  @Test func `says nothing of magnitudes that it does not have`() throws {
    try compressed(try MadeAdapter.random(), RankBudget(share: 0.1)) { result, certificate in
      #expect(result.modules.count < 3)
      #expect(certificate.magnitudes == 0 && certificate.json["magnitudes_kept"] == nil)
    }
  }

  private struct Fixed: RankPolicy {
    let ranks: [Int]
    func ranks(for spectra: [Spectrum]) -> [Int] { ranks }
  }
}
