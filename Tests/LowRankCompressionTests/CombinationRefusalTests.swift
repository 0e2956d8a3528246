import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTesting
import Testing

@Suite struct `Adapters that do not add up` {
  private static func module(rank: Int = 2, outputs: Int = 6) -> MadeAdapter.Module {
    .init(
      path: "model.layers.0.mlp.up_proj", up: noise(outputs, rank, seed: 1),
      down: noise(rank, 5, seed: 2))
  }

  private func refusal(
    _ adapters: [MadeAdapter], by mode: any CombinationMode = Concatenation()
  ) throws -> String {
    do {
      _ = try Combination(adapters.map { try WeightedAdapter($0.stored()) }).draft(by: mode)
      return ""
    } catch let error as CombinationError {
      return error.description
    }
  }

  @Test func `are refused by name`() throws {
    let plain = try MadeAdapter([Self.module()])
    #expect(try refusal([]).contains("at least one"))
    #expect(try refusal([plain, plain]).isEmpty)
    let wide = try MadeAdapter([Self.module(outputs: 7)])
    #expect(try refusal([plain, wide]).contains("up_proj is a map of 5 to 6 in one adapter"))
    let dora = try MadeAdapter([Self.module()], magnitudes: true)
    #expect(try refusal([plain, dora]).contains("up_proj has magnitudes, as DoRA"))
    let (one, other) = ("lowrank1:aa", "lowrank1:bb")
    let bases = try [one, other, one].map { try MadeAdapter([Self.module()], base: $0) }
    #expect(try refusal([bases[0], plain, bases[1]]).contains("different bases: "))
    #expect(try refusal([bases[0], plain, bases[2]]).isEmpty)
    let orders = try [["a", "b"], ["b", "a"], ["a", "b"]].map {
      try MadeAdapter([Self.module()], classes: $0)
    }
    #expect(
      try refusal([orders[0], orders[1]]).contains("have different classes, or the same classes"))
    #expect(try refusal([orders[0], orders[2], plain]).isEmpty)
    #expect(throws: CombinationError.self) {
      try WeightedAdapter(plain.stored(), weight: .infinity)
    }
  }

  @Test func `are refused for other tensors unless all have the same`() throws {
    let biased = try [[1, 2], [1, 2], [1, 3]].map { (bias: [Float]) in
      try MadeAdapter([Self.module()], bias: bias)
    }
    #expect(try refusal([biased[0], biased[1]]).isEmpty)
    let combination = try Combination(biased.prefix(2).map { try WeightedAdapter($0.stored()) })
    let kept = try combination.draft(by: Concatenation()).others
    #expect(kept.map(\.name) == ["base_model.model.lm_head.bias"])
    #expect(try refusal([biased[0], biased[2]]).contains("lm_head.bias was trained whole"))
    let plain = try MadeAdapter([Self.module()])
    #expect(try refusal([plain, biased[0]]).contains("lm_head.bias was trained whole"))
    #expect(try refusal([biased[0], plain]).contains("lm_head.bias was trained whole"))
  }

  @Test func `are refused where factors are added but ranks differ`() throws {
    let adapters = try [2, 3].map { try MadeAdapter([Self.module(rank: $0)]) }
    for mode in PEFTMode.allCases {
      let mode = mode.mode(density: 0.5, election: .total, seed: 0, rank: 2)
      let sentence = try refusal(adapters, by: mode)
      #expect(sentence.contains("has the ranks 2 and 3") == (mode is FactorMerge))
    }
  }

  @Test func `are refused by modes that need two where there is one`() throws {
    let plain = try MadeAdapter([Self.module()])
    for mode in PEFTMode.allCases {
      let sentence = try refusal(
        [plain], by: mode.mode(density: 0.5, election: .total, seed: 0, rank: 2))
      #expect(sentence.contains("needs at least two adapters") == (mode != .linear), "\(mode)")
    }
  }

  @Test func `of different bases are allowed if asked for, and the sum knows none`() throws {
    let known = try ["lowrank1:aa", "lowrank1:bb", "lowrank1:aa"].map {
      try WeightedAdapter(MadeAdapter([Self.module()], base: $0).stored())
    }
    #expect(throws: CombinationError.self) {
      try Combination(Array(known.prefix(2)), allowing: [.rank, .finite])
    }
    let mixed = try Combination(Array(known.prefix(2)), allowing: [.fingerprint])
    let bases = try #require(mixed.otherBases?.description)
    #expect(
      bases.hasSuffix("or pass allow fingerprint to combine these [check: fingerprint]"),
      "\(bases)")
    let place = URL(filePath: "sum")
    let sum = try StoredAdapter(mixed.draft(by: Concatenation()), at: place)
    #expect(sum.baseFingerprint == nil)
    let same = try Combination([known[0], known[2]], allowing: [.fingerprint])
    #expect(same.otherBases == nil)
    #expect(
      try StoredAdapter(same.draft(by: Concatenation()), at: place).baseFingerprint
        == "lowrank1:aa")
  }

  @Test func `know the base that one of them knows`() throws {
    let (plain, known) = (
      try MadeAdapter([Self.module()]), try MadeAdapter([Self.module()], base: "lowrank1:aa")
    )
    let adapters = try [plain, known].map { try WeightedAdapter($0.stored()) }
    let draft = try Combination(adapters).draft(by: Concatenation())
    let result = try StoredAdapter(draft, at: URL(filePath: "sum"))
    #expect(result.baseFingerprint == "lowrank1:aa")
  }
}
