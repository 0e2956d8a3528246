import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// One thing that is wrong with an adapter, the check that names it, and what it says.
struct Damage: CustomTestStringConvertible, Sendable {
  let check: LoadCheck
  let testDescription: String
  /// What the sentence holds.
  let says: [String]
  var config: [(String, JSONValue?)] = []
  var tensors: @Sendable (inout AdapterFixture.Tensors) -> Void = { _ in }
  /// The modules that are left where the check is allowed.
  var left = 4

  static let query = "model.layers.0.self_attn.q_proj"
  static func name(_ factor: String, _ module: String = query) -> String {
    "base_model.model.\(module).lora_\(factor).weight"
  }

  static let all: [Damage] = [
    Damage(
      check: .tensors, testDescription: "a tensor is missing",
      says: ["\(query): the tensor \(name("B")) is missing"],
      tensors: { $0[name("B")] = nil }, left: 3),
    Damage(
      check: .tensors, testDescription: "half the tensors are missing",
      says: ["\(query): the tensor \(name("A")) is missing, and 1 more like it"],
      tensors: { $0 = $0.filter { !$0.key.contains("layers.0") } }, left: 2),
    Damage(
      check: .tensors, testDescription: "a tensor has no place",
      says: ["1 tensor belongs to no adapted module: junk"],
      tensors: { $0["junk"] = ([2], [1, 2]) }),
    Damage(
      check: .targets, testDescription: "one of the targets is misspelt",
      says: ["\"target_modules\" names \"o_prj\", which matches no module", "o_proj"],
      config: [("target_modules", ["q_proj", "v_proj", "o_prj"])]),
    Damage(
      check: .targets, testDescription: "a module to save is not there",
      says: ["\"modules_to_save\" names \"score\", which matches no module"],
      config: [("modules_to_save", ["score"])]),
    Damage(
      check: .targets, testDescription: "a layer is not there",
      says: ["\"layers_to_transform\" names the layer 7, and the model has 0 to 1"],
      config: [("layers_to_transform", [0, 1, 7])]),
    Damage(
      check: .shapes, testDescription: "a factor is of another width",
      says: ["\(query): the tensor \(name("A")) has shape [4, 15], expected [4, 16]"],
      tensors: { $0[name("A")] = ([4, 15], [Float](repeating: 1, count: 60)) }, left: 3),
    Damage(
      check: .finite, testDescription: "a number is not finite",
      says: ["\(query): the tensor \(name("A")) holds a number that is not finite"],
      tensors: { $0[name("A")]?.values[7] = .nan }),
    Damage(
      check: .rank, testDescription: "the rank is another one",
      says: [
        "\(query) has factors [4, 16] and [16, 4] of rank 4",
        "gives it rank 2: expected [2, 16] and [16, 2], and 3 more like it",
      ],
      config: [("r", 2)]),
    Damage(
      check: .rank, testDescription: "a pattern contradicts the tensors",
      says: ["\(query) has factors [4, 16] and [16, 4] of rank 4", "gives it rank 3"],
      config: [("rank_pattern", ["layers.0.self_attn.q_proj": 3])]),
    Damage(
      check: .rank, testDescription: "the rank is 0",
      says: ["\"r\" is 0, expected a number from 1 to 65536"], config: [("r", 0)]),
    Damage(
      check: .rank, testDescription: "the rank is negative",
      says: ["\"r\" is -4, expected a number from 1 to 65536"], config: [("r", -4)]),
    Damage(
      check: .rank, testDescription: "the rank fits no integer",
      says: ["\"r\" is \(Int.max), expected"],
      config: [("r", try? JSONValue(parsing: "99999999999999999999", from: "a test"))]),
    Damage(
      check: .rank, testDescription: "alpha is 0", says: ["\"lora_alpha\" is 0.0, expected"],
      config: [("lora_alpha", 0)]),
    Damage(
      check: .rank, testDescription: "alpha is infinite", says: ["\"lora_alpha\" is inf, expected"],
      config: [("lora_alpha", try? JSONValue(parsing: "1e999", from: "a test"))]),
  ]
}

@Suite struct `A check of loading` {
  private let fixture = AdapterFixture(name: "llama2-default")

  @Test(arguments: Damage.all)
  func `names the module, the shapes and the check, and is opened by that check alone`(
    _ damage: Damage
  ) throws {
    let base = try fixture.base()
    try fixture.damaged(config: damage.config, tensors: damage.tensors) { folder in
      let others = Set(LoadCheck.allCases).subtracting([damage.check])
      for allowed in [[], others] {
        let refusal = message { try Adapter(from: folder, on: base, allowing: allowed) }
        for part in damage.says { #expect(refusal.contains(part), "\(refusal)") }
        #expect(refusal.hasSuffix(" [check: \(damage.check.rawValue)]"), "\(refusal)")
      }
      let adapter = try Adapter(from: folder, on: base, allowing: [damage.check])
      let report = try #require(adapter.loading)
      #expect(!report.overridden.isEmpty)
      #expect(report.overridden.allSatisfy { $0.check == damage.check }, "\(report.overridden)")
      #expect(report.modules == damage.left && report.declaredModules == 4)
      #expect(adapter.sites.count == damage.left)
      #expect(report.tensors == 2 * damage.left)
    }
  }

  @Test func `that found nothing says what was placed`() throws {
    try fixture.damaged(config: [("base_model_name_or_path", .null)]) { folder in
      let report = try #require(try Adapter(from: folder, on: fixture.base()).loading)
      #expect(report.overridden.isEmpty && report.base == .unknown)
      #expect(
        "\(report)" == "4 of 4 modules, 8 tensors; which base it was trained on is not recorded")
    }
  }

  @Test func `says that the name of a base is all that is recorded`() throws {
    try fixture.damaged(config: [("base_model_name_or_path", "owner/base")]) { folder in
      let report = try #require(try Adapter(from: folder, on: fixture.base()).loading)
      #expect(report.base == .named && report.baseName == "owner/base")
      #expect(
        "\(report)"
          == "4 of 4 modules, 8 tensors; it names owner/base as its base, without a fingerprint to check that by"
      )
    }
  }

  /// What is allowed has a meaning: the rest of the adapter does what it did.
  @Test(
    arguments: Damage.all.filter {
      $0.left == 4 && $0.check != .finite && !$0.testDescription.hasPrefix("alpha")
        && $0.config.first?.0 != "r"
    })
  func `lets the adapter through as it was where nothing of it is left out`(_ damage: Damage)
    throws
  {
    let base = try fixture.base()
    try fixture.damaged(config: damage.config, tensors: damage.tensors) { folder in
      let adapter = try Adapter(from: folder, on: base, allowing: [damage.check])
      #expect(try fixture.largestDifference(of: adapter) < 1e-4)
    }
  }

  @Test(arguments: [0, 2, 3, 65_537])
  func `takes the rank of the tensors where the configuration's is allowed to be wrong`(_ rank: Int)
    throws
  {
    let base = try fixture.base()
    try fixture.damaged(config: [("r", .integer(rank))]) { folder in
      let adapter = try Adapter(from: folder, on: base, allowing: [.rank])
      #expect(adapter.sites.allSatisfy { $0.rank == 4 && $0.scale == 2 })
      #expect(try fixture.largestDifference(of: adapter) < 1e-4)
    }
  }

  @Test func `takes the factors as they stand where alpha is allowed to be nothing`() throws {
    let base = try fixture.base()
    for stable in [false, true] {
      try fixture.damaged(config: [("lora_alpha", 0), ("use_rslora", .bool(stable))]) { folder in
        let adapter = try Adapter(from: folder, on: base, allowing: [.rank])
        #expect(adapter.sites.allSatisfy { abs($0.scale - 1) < 1e-6 })
      }
    }
  }

  @Test func `leaves a module out as the base has it, and the rest can be saved`() throws {
    let base = try fixture.base()
    try fixture.damaged(tensors: { $0[Damage.name("B")] = nil }) { folder in
      let adapter = try Adapter(from: folder, on: base, allowing: [.tensors])
      #expect(!adapter.sites.contains { $0.path == Damage.query })
      try withTemporaryFolder { parent in
        let saved = parent.appending(path: "saved")
        try adapter.save(to: saved.path)
        let again = try Adapter(from: saved, on: base)
        #expect(again.loading?.modules == 3 && again.loading?.declaredModules == 3)
        let difference = zip(again.storedTensors(), adapter.storedTensors()).allSatisfy { $0 == $1 }
        #expect(difference)
      }
    }
  }

  @Test(arguments: ["", "base_model.model."])
  func `never lets an adapter through of which nothing is left`(_ prefix: String) throws {
    let base = try fixture.base()
    let wrong: (inout AdapterFixture.Tensors) -> Void = { tensors in
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map {
          ($0.key.replacing("base_model.model.model.", with: prefix + "language."), $0.value)
        })
    }
    try fixture.damaged(tensors: wrong) { folder in
      let refusal = message { try Adapter(from: folder, on: base) }
      #expect(
        refusal.contains(
          "the file has \(prefix)language.layers.0.self_attn.q_proj.lora_A.weight instead"),
        "\(refusal)")
      let all = Set(LoadCheck.allCases)
      #expect(
        message { try Adapter(from: folder, on: base, allowing: all) }
          .contains("no module would be left to adapt [check: tensors]"))
    }
    try fixture.damaged(config: [("target_modules", ["qkv"])]) { folder in
      #expect(
        message { try Adapter(from: folder, on: base, allowing: Set(LoadCheck.allCases)) }
          .hasPrefix("no module matches the target"))
    }
  }

  @Test func `lets another base through, and says so`() throws {
    try withTemporaryFolder { parent in
      let folder = parent.appending(path: "adapter")
      let adapter = try fixture.adapter()
      try adapter.save(to: folder.path)
      #expect(try Adapter(from: folder, on: adapter.base).loading?.base == .same)
      let other = try Model(
        from: AdapterFixture.models.appending(path: "llama-rope-linear"), precision: .float32,
        engine: CPUEngine())
      let loaded = try Adapter(from: folder, on: other, allowing: [.fingerprint])
      #expect(loaded.loading?.base == .other)
      #expect(loaded.loading?.overridden.map(\.check) == [.fingerprint])
    }
  }

  @Test func `stays shut where two things are wrong and one is allowed`() throws {
    let base = try fixture.base()
    try fixture.damaged(
      config: [("target_modules", ["q_proj", "v_proj", "o_prj"])],
      tensors: { $0["junk"] = ([1], [0]) }
    ) { folder in
      #expect(
        message { try Adapter(from: folder, on: base, allowing: [.targets]) }
          .hasSuffix("[check: tensors]"))
      let both = try Adapter(from: folder, on: base, allowing: [.targets, .tensors])
      #expect(both.loading?.overridden.map(\.check) == [.targets, .tensors])
    }
  }
}
