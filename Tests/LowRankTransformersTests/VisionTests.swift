import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

/// Logits that transformers 5.23 computed for tiny random models of images; Oracles/images_fixture.py made them.
@Suite struct `A model of images` {
  private static let root = ModelFixture.root.appending(path: "vision")

  private struct Expected {
    let pixels: [[Float]]
    let logits: [[Float]]

    init(_ name: String) throws {
      let file = try SafetensorsFile(
        at: ModelFixture.root.appending(path: "vision/\(name)/expected.safetensors"))
      func rows(_ name: String) throws -> [[Float]] {
        let tensor = try #require(file[TensorName(name)])
        let (numbers, count) = (try tensor.floats(), tensor.shape[0])
        let size = numbers.count / count
        return (0..<count).map { Array(numbers[$0 * size..<($0 + 1) * size]) }
      }
      (pixels, logits) = (try rows("pixels"), try rows("logits"))
    }
  }

  @Test(arguments: ["vit", "vit-oblong", "deit", "deit-teacher"])
  func `has the logits of transformers`(_ name: String) throws {
    let expected = try Expected(name)
    let folder = Self.root.appending(path: name)
    for engine in [CPUEngine(), ReferenceEngine()] as [any Engine] {
      let model = try Model(from: folder, precision: .float32, engine: engine)
      #expect(model.freshModules.isEmpty)
      for (pixels, logits) in zip(expected.pixels, expected.logits) {
        let found = engine.floats(model.logits(ofImage: pixels))
        #expect(largestDifference(found, logits) < 2e-4)
      }
    }
  }

  @Test(arguments: ["vit-oblong", "deit", "deit-teacher"])
  func `has them where images lie packed end to end, and hidden states of all rows`(
    _ name: String
  ) throws {
    let expected = try Expected(name)
    let model = try Model(
      from: Self.root.appending(path: name), precision: .float32, engine: CPUEngine())
    let input = try #require(model.architecture.backbone.imageInput)
    let (engine, count) = (model.engine, expected.pixels.count)
    let rows = PackedRows(
      lengths: [Int](repeating: input.places, count: count),
      patches: expected.pixels.flatMap(input.rows))
    let ids = engine.tensor(rows.positions, [rows.count])
    let classifier = try #require(model.classifier)
    let logits = engine.floats(classifier.logits(ids, model.pass(rows)))
    #expect(largestDifference(logits, expected.logits.flatMap { $0 }) < 2e-4)
    let hidden = model.architecture.hidden(ids, model.pass(rows))
    let again = engine.floats(classifier.logits(ofHidden: hidden, model.pass(rows)))
    #expect(largestDifference(again, logits) < 1e-5)
  }

  @Test(arguments: [
    ("deit", "DeiTForImageClassification"),
    ("deit-teacher", "DeiTForImageClassificationWithTeacher"),
  ])
  func `keeps the names and shapes of its files`(_ name: String, _ className: String) throws {
    let folder = Self.root.appending(path: name)
    let copy = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: copy) }
    let model = try Model(from: folder, precision: .float32, engine: CPUEngine())
    try model.save(to: copy)
    let (old, new) = (try ModelFolder(at: folder), try ModelFolder(at: copy))
    #expect(Set(old.names) == Set(new.names))
    for tensor in old.tensors {
      let written = try #require(new[tensor.name])
      #expect(try written.shape == tensor.shape && written.floats() == tensor.floats())
    }
    #expect(
      try JSONFile(at: copy.appending(path: "config.json"))["architectures"]
        == [.string(className)])
  }

  @Test func `divides images as transformers' convolution reads them`() {
    let input = ImageInput(width: 4, height: 2, patchWidth: 2, patchHeight: 1, specials: 1)
    let pixels = (0..<24).map(Float.init)
    #expect(input.places == 5 && input.patchCount == 6)
    let zeros: [Float] = [0, 0, 0, 0, 0, 0]
    #expect(
      input.rows(of: pixels) == zeros + [0, 1, 8, 9, 16, 17] + [2, 3, 10, 11, 18, 19]
        + [4, 5, 12, 13, 20, 21] + [6, 7, 14, 15, 22, 23])
  }

  @Test func `knows the former names of its modules`() {
    let names = [
      (
        "vit.layers.3.attention.q_proj.weight",
        "vit.encoder.layer.3.attention.attention.query.weight"
      ),
      ("deit.layers.10.attention.o_proj", "deit.encoder.layer.10.attention.output.dense"),
      ("vit.layers.0.mlp.fc1.bias", "vit.encoder.layer.0.intermediate.dense.bias"),
      ("vit.layers.0.mlp.fc2.weight", "vit.encoder.layer.0.output.dense.weight"),
      ("vit.layers.0.layernorm_before.weight", "vit.encoder.layer.0.layernorm_before.weight"),
    ]
    for (now, former) in names {
      #expect(FormerNames.former(of: now) == former && FormerNames.current(of: former) == now)
    }
    for other in ["model.layers.0.self_attn.q_proj.weight", "vit.layers.x.mlp.fc1", "classifier"] {
      #expect(FormerNames.former(of: other) == nil && FormerNames.current(of: other) == nil)
    }
  }

  @Test(arguments: refusals)
  func `refuses a configuration that makes no sense`(values: JSONObject, sentence: String) throws {
    let config = JSONFile(values, at: URL(filePath: "config.json"))
    let error = try #require(throws: ModelError.self) { try VisionConfiguration(config) }
    #expect("\(error)" == "config.json: \(sentence)")
  }

  @Test(arguments: [
    ("deit", ["classifier.weight"]),
    ("deit-teacher", ["cls_classifier.weight", "distillation_classifier.bias"]),
  ])
  func `has derivatives that fit central differences`(
    _ folder: String, _ heads: [String]
  ) throws {
    let model = try Model(
      from: Self.root.appending(path: folder), precision: .float32, engine: ReferenceEngine())
    let expected = try Expected(folder)
    let input = try #require(model.architecture.backbone.imageInput)
    let classifier = try #require(model.classifier)
    let engine = model.engine
    let rows = PackedRows(
      lengths: [input.places, input.places],
      patches: expected.pixels.prefix(2).flatMap(input.rows))
    let ids = engine.tensor(rows.positions, [rows.count])
    func loss(_ store: ParameterStore, _ tape: Tape? = nil) -> Tensor {
      var pass = model.pass(rows, tape: tape)
      pass.store = store
      return classifier.losses(ids, .classes([2, 0]), pass)
    }
    for name in [
      "deit.embeddings.cls_token", "deit.embeddings.distillation_token",
      "deit.embeddings.position_embeddings", "deit.embeddings.patch_embeddings.projection.weight",
      "deit.embeddings.patch_embeddings.projection.bias",
    ] + heads {
      let parameter = try #require(model.architecture.parameters.first { $0.path == name })
      let tape = Tape(on: engine)
      tape.watch(model.store[parameter], as: parameter)
      let losses = loss(model.store, tape)
      let gradient = engine.floats(
        try #require(
          tape.gradients(from: [(losses, engine.filled(1, losses.shape))])[parameter]))
      let values = engine.floats(model.store[parameter])
      var (found, wanted): ([Float], [Float]) = ([], [])
      for place in stride(from: 0, to: values.count, by: max(1, values.count / 7)) {
        let sides = [Float(0.01), -0.01].map { step -> Double in
          var moved = values
          moved[place] += step
          var store = model.store
          store[parameter] = engine.tensor(moved, parameter.shape, type: .float32)
          return engine.floats(loss(store)).reduce(0) { $0 + Double($1) }
        }
        wanted.append(Float((sides[0] - sides[1]) / 0.02))
        found.append(gradient[place])
      }
      #expect(largestDifference(found, wanted) < 2e-3, "\(name)")
      #expect(wanted.contains { abs($0) > 1e-3 }, "\(name)")
    }
  }
}

/// What is refused, with the sentence about it.
private let refusals: [(JSONObject, String)] = [
  (
    ["image_size": 30],
    "\"image_size\" is 30 × 30, expected a multiple of patch_size, 16 × 16"
  ),
  (
    ["num_channels": 1],
    "\"num_channels\" is 1, expected 3: images are read as red, green and blue"
  ),
  (
    ["hidden_size": 100], "\"hidden_size\" is 100, expected a multiple of num_attention_heads, 12"
  ),
  (
    ["image_size": [1, 2, 3]],
    "\"image_size\" is [1, 2, 3], expected a height and a width from 1 to 16384"
  ),
]
