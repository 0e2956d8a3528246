import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// Adapters of models of images that PEFT wrote; Oracles/images_fixture.py made them.
@Suite struct `An adapter of a model of images` {
  private static let root = AdapterFixture.models.appending(path: "vision")

  private func largestDifference(
    of adapter: Adapter, from name: String, in model: String
  ) throws -> Float {
    let file = try SafetensorsFile(at: Self.root.appending(path: "\(model)/expected.safetensors"))
    let pixels = try #require(file["pixels"])
    let (numbers, count) = (try pixels.floats(), pixels.shape[0])
    let size = numbers.count / count
    let found = (0..<count).flatMap { index -> [Float] in
      adapter.base.engine.floats(
        adapter.model.logits(
          ofImage: Array(numbers[index * size..<(index + 1) * size]), adapters: adapter.selection))
    }
    let expected = try #require(file[TensorName(name)]).floats()
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: ["vit", "vit-oblong", "deit", "deit-teacher"], ["adapter", "adapter-v4"])
  func `has PEFT's logits, whichever names its modules go by`(
    _ name: String, _ kind: String
  ) throws {
    let folder = Self.root.appending(path: "\(name)/\(kind)")
    let head = try AdapterFolder(at: folder).head
    let base = try Model(
      from: Self.root.appending(path: name), as: head, precision: .float32, engine: CPUEngine())
    let adapter = try Adapter(from: folder, on: base)
    #expect(adapter.sites.count == 6)
    #expect(try largestDifference(of: adapter, from: "adapted", in: name) < 1e-4)

    // What is written has the names of today alone, which PEFT looks for.
    try withTemporaryFolder { copy in
      let place = copy.appending(path: "a")
      try adapter.save(to: place.path)
      let saved = try AdapterFolder(at: place)
      let first = try SafetensorsFile(
        at: Self.root.appending(path: "\(name)/adapter/adapter_model.safetensors"))
      #expect(Set(saved.file.names) == Set(first.names))
      let config = saved.config
      #expect(config["task_type"] == .null)
      #expect(
        config["auto_mapping"]?.object?["base_model_class"]?.string == base.architecture.className)
      let targets = try #require(config["target_modules"]?.array).compactMap(\.string)
      for target in targets { #expect(!target.contains("query") && !target.contains("dense")) }
      let again = try Adapter(from: place, on: base)
      #expect(try largestDifference(of: again, from: "adapted", in: name) < 1e-4)
    }
    let stored = try StoredAdapter(at: folder)
    #expect(stored.modules.map(\.path).contains { $0.hasSuffix("layers.1.attention.q_proj") })
  }

  @Test func `is made on modules by their former names too`() throws {
    let base = try Model(
      from: Self.root.appending(path: "vit"), precision: .float32, engine: CPUEngine())
    func paths(_ modules: Target.Modules) throws -> [String] {
      let configuration = AdapterConfiguration(target: Target(modules), ranks: PatternRanks())
      return try Adapter(on: base, configuration: configuration, seed: 1).sites.map(\.path)
    }
    let byNow = try paths(.named(["q_proj", "v_proj"]))
    #expect(byNow.count == 4)
    #expect(try paths(.named(["query", "value"])) == byNow)
    #expect(try paths(.queryValue) == byNow)
    #expect(try paths(.named(["vit.encoder.layer.1.output.dense"])) == ["vit.layers.1.mlp.fc2"])
    #expect(
      try paths(.matching(PathPattern(".*\\.attention\\.attention\\.key"))).count == 2)
    #expect(try paths(.allLinear).count == 12)
    #expect(try paths(.named(["dense"])).count == 6)
  }

  @Test func `has ranks by former names too`() throws {
    let ranks = PatternRanks(rank: 2, rankPattern: [try .init("query", 5)])
    #expect(ranks.rank(of: "vit.layers.0.attention.q_proj") == 5)
    #expect(ranks.rank(of: "vit.layers.0.attention.v_proj") == 2)
  }

  @Test func `brings the head that it was trained with, whatever class the base's folder names`()
    throws
  {
    func classification(_ name: String) throws -> Classification? {
      guard
        case .classifier(let classes?) = try AdapterFolder(
          at: Self.root.appending(path: "\(name)/adapter")
        ).head
      else { return nil }
      return classes
    }
    let taught = try #require(try classification("deit-teacher"))
    #expect(taught.labels.count == 3)
    #expect(taught.className == "DeiTForImageClassificationWithTeacher")
    let plain = try #require(try classification("deit"))
    #expect(plain.className == "DeiTForImageClassification")
    let base = try Model(
      from: Self.root.appending(path: "deit-teacher"), as: .classifier(plain),
      precision: .float32, engine: CPUEngine())
    let adapter = try Adapter(
      from: Self.root.appending(path: "deit/adapter"), on: base)
    #expect(try adapter.savesHeadModule("classifier"))
    #expect(adapter.model.architecture.className == "DeiTForImageClassification")
  }

  @Test(arguments: ["deit", "deit-teacher"])
  func `merges into weights of the names that files have`(_ name: String) throws {
    let folder = Self.root.appending(path: "\(name)/adapter")
    let base = try Model(
      from: Self.root.appending(path: name), as: AdapterFolder(at: folder).head,
      precision: .float32, engine: CPUEngine())
    let adapter = try Adapter(from: folder, on: base)
    let input = try #require(base.architecture.backbone.imageInput)
    try withTemporaryFolder { copy in
      let proof = try adapter.saveMerged(
        to: copy.appending(path: "m"), provenOn: [(0..<Int32(input.places)).map { $0 }])
      #expect(proof.check.largestDifference < 1e-4 && proof.check.effect > 1e-3)
      let merged = try ModelFolder(at: copy.appending(path: "m"))
      #expect(
        merged["deit.encoder.layer.0.attention.attention.query.weight"] != nil
          && merged["deit.layers.0.attention.q_proj.weight"] == nil)
      let heads = merged.names.map(\.text).filter { $0.hasSuffix("classifier.weight") }
      #expect(
        heads.sorted()
          == (name == "deit"
            ? ["classifier.weight"]
            : ["cls_classifier.weight", "distillation_classifier.weight"]))
    }
  }
}
