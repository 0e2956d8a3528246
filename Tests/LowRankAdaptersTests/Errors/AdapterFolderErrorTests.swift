import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `An adapter folder is refused` {
  private let fixture = AdapterFixture(name: "llama2-default")
  private let module = "model.layers.0.self_attn.q_proj"
  private let first = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"

  @Test func `that is not there, or is something else`() throws {
    try withTemporaryFolder { folder in
      let path = folder.relativePath
      #expect(
        try refusal(folder.appending(path: "none"))
          == "\(path)/none is not the folder of an adapter: it does not exist")
      #expect(
        try refusal(folder)
          == "\(path) is not the folder of an adapter: it is empty")
      try Data().write(to: folder.appending(path: "notes.txt"))
      #expect(
        try refusal(folder)
          == "\(path) is not the folder of an adapter: it holds no adapter_config.json")
      try copy(["adapter_config.json"], to: folder)
      #expect(
        try refusal(folder)
          == "\(path) is not the folder of an adapter: it holds adapter_config.json, but no adapter_model.safetensors"
      )
      try Data("pickle".utf8).write(to: folder.appending(path: "adapter_model.bin"))
      #expect(
        try refusal(folder)
          == "\(path)/adapter_model.bin is no file of torch: it begins neither as a zip archive nor as torch's pickles"
      )
    }
  }

  @Test func `whose tensors are not those of its configuration`() throws {
    let missing = try refusal { $0[first] = nil }
    #expect(
      missing.hasSuffix(
        "adapter_model.safetensors: \(module): the tensor \(first) is missing [check: tensors]"))
    let misshapen = try refusal { $0[first] = ([2, 32], [Float](repeating: 0, count: 64)) }
    #expect(
      misshapen.hasSuffix(
        "adapter_model.safetensors: \(module): the tensor \(first) has shape [2, 32], expected [4, 16] [check: shapes]"
      ))
    let extra = try refusal { tensors in
      for index in 0..<6 { tensors["extra.\(index)"] = ([1], [0]) }
    }
    #expect(
      extra.hasSuffix(
        "adapter_model.safetensors: 6 tensors belong to no adapted module: extra.0, extra.1, extra.2, extra.3, extra.4, … [check: tensors]"
      ))
    let infinite = try refusal { $0[first]?.values[3] = .nan }
    #expect(
      infinite.hasSuffix(
        "adapter_model.safetensors: \(module): the tensor \(first) holds a number that is not finite [check: finite]"
      ))
  }

  @Test(
    arguments: [
      ("peft_type", "IA3", "\"IA3\""), ("bias", "some", "\"some\""),
      ("init_lora_weights", "unheard_of", "\"unheard_of\""), ("init_lora_weights", 3, "3"),
      ("something_new", "on", "\"on\""),
    ] as [(String, JSONValue, String)])
  func `whose configuration asks for what is not built`(
    key: String, value: JSONValue, text: String
  ) throws {
    try withTemporaryFolder { folder in
      try copy(["adapter_config.json", "adapter_model.safetensors"], to: folder)
      try change(folder.appending(path: "adapter_config.json"), [(key, value)])
      #expect(
        try refusal(folder)
          == "\(folder.relativePath)/adapter_config.json: \"\(key)\" is \(text), which is not supported and would change the result"
      )
    }
  }

  @Test(
    arguments: [
      ("alora_invocation_tokens", [1, 2], "[1,2]", "behind the invocation tokens"),
      ("lora_bias", true, "true", "a bias is added behind B"),
      ("layer_replication", [[0, 1]], "[[0,1]]", "repeated layers of the base"),
      ("target_parameters", ["experts.up"], "[\"experts.up\"]", "not linear maps"),
      ("use_qalora", true, "true", "pooled in groups"),
      ("use_bdlora", ["nblocks": 2], "{\"nblocks\":2}", "block-diagonal"),
      ("kasa_config", ["beta": 1], "{\"beta\":1}", "taken out of the base's weights"),
      ("arrow_config", ["top_k": 3], "{\"top_k\":3}", "a router chooses"),
    ] as [(String, JSONValue, String, String)])
  func `whose configuration asks for what is known and not built, with the reason`(
    key: String, value: JSONValue, text: String, why: String
  ) throws {
    try withTemporaryFolder { folder in
      try copy(["adapter_config.json", "adapter_model.safetensors"], to: folder)
      try change(folder.appending(path: "adapter_config.json"), [(key, value)])
      let said = try refusal(folder)
      #expect(said.contains("\"\(key)\" is \(text), which is not supported: "), "\(said)")
      #expect(said.contains(why), "\(said)")
    }
  }

  @Test(arguments: ["something_new", "use_bdlora"], [.null, false, [], "", [:]] as [JSONValue])
  func `but not for a key that says nothing`(key: String, value: JSONValue) throws {
    try withTemporaryFolder { folder in
      try copy(["adapter_config.json", "adapter_model.safetensors"], to: folder)
      try change(folder.appending(path: "adapter_config.json"), [(key, value)])
      _ = try Adapter(from: folder, on: fixture.base())
    }
  }

  @Test func `that remembers another base`() throws {
    try withTemporaryFolder { parent in
      let folder = parent.appending(path: "adapter")
      try fixture.adapter().save(to: folder.path)
      let other = AdapterFixture.models.appending(path: "llama-rope-linear")
      let base = try Model(from: other, precision: .float32, engine: CPUEngine())
      let (own, found) = (
        try ModelFolder(at: fixture.baseFolder).fingerprint(),
        try ModelFolder(at: other).fingerprint()
      )
      let name = try fixture.baseFolder.relativePath
      #expect(
        message { try Adapter(from: folder, on: base) }
          == """
          \(folder.relativePath): the adapter was trained on \(name) (fingerprint \(own)), not on \
          \(other.relativePath) (\(found)); give that base, or pass allow fingerprint to use this one [check: fingerprint]
          """
      )
    }
  }

  @Test func `and none is written with a number that is not finite`() throws {
    var adapter = try fixture.adapter()
    let parameter = try #require(adapter.trainable.first)
    adapter.values[parameter] = adapter.base.engine.filled(.infinity, parameter.shape)
    try withTemporaryFolder { parent in
      let folder = parent.appending(path: "adapter")
      #expect(
        message { try adapter.save(to: folder.path) }
          == "the adapter: the tensor \(parameter.path) holds a number that is not finite")
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }

  private func refusal(_ folder: URL) throws -> String {
    let base = try fixture.base()
    return message { try Adapter(from: folder, on: base) }
  }

  /// The refusal of the fixture with changed tensors.
  private func refusal(_ change: @escaping (inout AdapterFixture.Tensors) -> Void) throws -> String
  {
    try fixture.damaged(tensors: change) { try refusal($0) }
  }

  private func copy(_ names: [String], to folder: URL) throws {
    for name in names {
      try FileManager.default.copyItem(
        at: fixture.folder.appending(path: name), to: folder.appending(path: name))
    }
  }
}
