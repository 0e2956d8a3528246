import Foundation
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `A model's folder` {
  @Test(arguments: ["single", "sharded"]) func `is opened as transformers saved it`(name: String)
    throws
  {
    let model = try ModelFolder(at: fixture(name))
    #expect(try model.config.integer("n_embd") == 4)
    #expect(model.files.count == (name == "single" ? 1 : 3))
    #expect(model.names.count == 28)
    #expect(model.names == model.names.sorted())
    #expect(model.byteCount == 2288)
    #expect(try model.tensor("transformer.wte.weight").shape == [11, 4])
    #expect(model["lm_head.weight"] == nil)
    #expect(try model.generationConfig()?.integer("eos_token_id") == 0)
    #expect(try model.tokenizerConfig() == nil)
    #expect(model.tokenizer == nil)
    #expect(model.companions.map(\.lastPathComponent) == ["generation_config.json"])
  }

  @Test func `holds the same numbers in one file and in shards`() throws {
    let single = try ModelFolder(at: fixture("single"))
    let sharded = try ModelFolder(at: fixture("sharded"))
    #expect(single.names == sharded.names)
    for name in single.names {
      #expect(try single.tensor(name).floats() == sharded.tensor(name).floats())
    }
  }

  @Test func `names the tensor that it lacks`() throws {
    let url = try fixture("single")
    let error = #expect(throws: ModelFolderError.self) { try ModelFolder(at: url).tensor("x.y") }
    #expect(error?.description == "\(url.relativePath) holds no tensor \"x.y\"")
  }
}

@Suite struct `A folder that is not a complete model's` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A copy of the sharded fixture to be damaged.
  func shards() throws -> URL {
    let copy = folder.url.appending(path: "model")
    try FileManager.default.copyItem(at: fixture("sharded"), to: copy)
    return copy
  }

  /// The sentence with which a folder is refused, without the path of the folder.
  func refusal(of url: URL) -> String? {
    let error = #expect(throws: (any Error).self) { try ModelFolder(at: url) }
    return error.map { "\($0)".replacingOccurrences(of: url.path, with: "…") }
  }

  func edit(_ file: URL, _ change: (inout JSONObject) -> Void) throws {
    var object = try JSONFile(at: file).object
    change(&object)
    try Data(JSONValue.object(object).bytes()).write(to: file, options: .atomic)
  }

  @Test func `is refused with what it is instead`() throws {
    let absent = folder.url.appending(path: "absent")
    #expect(refusal(of: absent) == "… does not exist: expected a model's folder or a GGUF file")
    let file = try folder.file("file", [])
    #expect(
      refusal(of: file)
        == "… is a file: expected the folder of a model, with config.json, or a GGUF file")
    #expect(
      refusal(of: folder.url) == "… is not the folder of a model: it holds no config.json")
    _ = try folder.file("adapter_config.json", Array("{}".utf8))
    #expect(
      refusal(of: folder.url) == "… holds an adapter, not a model: expected config.json")
    _ = try folder.file("config.json", Array("{}".utf8))
    #expect(
      refusal(of: folder.url)
        == "… holds no weights: expected model.safetensors, pytorch_model.bin or the index of either"
    )
    _ = try folder.file("weights.pt", [0x80, 2])
    let other = try #require(refusal(of: folder.url))
    #expect(
      other.hasPrefix(
        "… holds its weights only as weights.pt, which is read under no name but pytorch_model.bin")
    )
    #expect(
      other.contains("safetensors.torch.save_file(") && other.contains("/model.safetensors\""))
    _ = try folder.file("pytorch_model.bin", [0x80, 2] + Array("cposix\nsystem\n.".utf8))
    let pickle = try #require(refusal(of: folder.url))
    #expect(
      pickle.hasPrefix("…/pytorch_model.bin is a pickle, but none that torch.save wrote"),
      "\(pickle)")
    #expect(pickle.contains("import torch, safetensors.torch\n"))
  }

  @Test func `is refused where a shard is missing`() throws {
    let model = try shards()
    try FileManager.default.removeItem(
      at: model.appending(path: "model-00002-of-00003.safetensors"))
    #expect(
      refusal(of: model) == "… lacks the shard \"model-00002-of-00003.safetensors\" of its index")
  }

  @Test func `is refused where index and shards disagree`() throws {
    let model = try shards()
    let index = model.appending(path: "model.safetensors.index.json")
    let original = try Data(contentsOf: index)
    func editMap(_ change: (inout JSONObject) -> Void) throws {
      try original.write(to: index, options: .atomic)
      try edit(index) { object in
        var map = object["weight_map"]?.object ?? [:]
        change(&map)
        object["weight_map"] = .object(map)
      }
    }
    let second = "model-00002-of-00003.safetensors"
    let wte = "transformer.wte.weight"
    let home = try JSONFile(at: index).object("weight_map").string(wte)

    try editMap { $0[wte] = nil }
    #expect(
      refusal(of: model)
        == "…/\(home) holds the tensor \"\(wte)\", which the index does not place there")
    try editMap { $0["x"] = .string(second) }
    #expect(
      refusal(of: model) == "…/\(second) lacks the tensor \"x\", which the index places there")
    for name in ["../\(second)", "..", "", "a/b"] {
      try editMap { $0[wte] = .string(name) }
      #expect(
        refusal(of: model)
          == "…/model.safetensors.index.json: \"weight_map.\(wte)\" must be the name of a file "
          + "beside the index, found \"\(name)\"")
    }
    try editMap { $0[wte] = 3 }
    #expect(
      refusal(of: model)
        == "…/model.safetensors.index.json: \"weight_map.\(wte)\" must be a string, found an integer"
    )
  }

  @Test func `is refused where a tensor is in two shards`() throws {
    let model = try shards()
    let first = model.appending(path: "model-00001-of-00003.safetensors")
    let second = model.appending(path: "model-00002-of-00003.safetensors")
    let tensors =
      try SafetensorsFile(at: first).tensors + SafetensorsFile(at: second).tensors.prefix(1)
    let changed = model.appending(path: "changed")
    try SafetensorsFile.write(tensors.map { TensorSource($0) }, to: changed)
    #expect(rename(changed.path, first.path) == 0)
    let name = try #require(try SafetensorsFile(at: second).names.first)
    #expect(
      refusal(of: model)
        == "…/\(first.lastPathComponent) holds the tensor \"\(name)\", which the index does not place there"
    )
  }
}
