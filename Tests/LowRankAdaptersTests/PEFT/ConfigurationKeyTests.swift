import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `PEFT's configuration` {
  private let fixture = AdapterFixture(name: "llama2-default")

  /// What no fixture of PEFT's own holds: keys that say nothing beside those that count.
  @Test(
    arguments: [
      ("eva_config", ["rho": 2.0]), ("corda_config", ["corda_method": "ipm"]),
      ("lora_ga_config", ["direction": "ArB2r"]), ("loftq_config", ["loftq_bits": 4]),
      ("qalora_group_size", 32), ("megatron_core", "other.core"), ("peft_version", "0.19.1"),
      ("runtime_config", ["ephemeral_gpu_offload": true]), ("inference_mode", false),
      ("auto_mapping", ["parent_library": "transformers"]), ("init_lora_weights", "eva"),
      ("init_lora_weights", "orthogonal"), ("init_lora_weights", .null),
    ] as [(String, JSONValue)])
  func `is read where a key counts for training alone`(_ key: String, _ value: JSONValue) throws {
    let base = try fixture.base()
    try fixture.damaged(config: [(key, value)]) { folder in
      let adapter = try Adapter(from: folder, on: base)
      #expect(try fixture.largestDifference(of: adapter) < 1e-4)
      #expect(try StoredAdapter(at: folder).modules.count == 4)
    }
  }

  /// What PEFT 0.21.2 saves is every field of its `LoraConfig` but the one that it never saves.
  @Test func `has no key that the table does not hold`() throws {
    let keys = try JSONFile(at: fixture.folder.appending(path: "adapter_config.json")).allKeys
    #expect(keys.count > 40)
    #expect(keys.filter { ConfigurationKey.all[$0] == nil } == [])
    #expect(ConfigurationKey.all["runtime_config"] != nil)
  }

  @Test func `says what LoRA-GA did to the base`() throws {
    let notes = try AdapterFixture(name: "llama2-lora-ga").adapter().loading?.notes ?? []
    #expect(notes.count == 1 && notes[0].contains("subtracted its start"), "\(notes)")
  }

  @Test(
    arguments: [
      ("pissa", "PEFT subtracts the largest singular components"),
      ("pissa_niter_16", "random initialization"), ("olora", "QR decomposition"),
      ("corda", "follows from data"), ("loftq", "PEFT quantises the base's weights"),
    ])
  func `is refused for a start that moves the base`(_ start: String, _ why: String) throws {
    let base = try fixture.base()
    try fixture.damaged(config: [("init_lora_weights", .string(start))]) { folder in
      for said in [
        message { try Adapter(from: folder, on: base) }, message { try StoredAdapter(at: folder) },
      ] {
        #expect(said.contains("\"init_lora_weights\" is \"\(start)\", which is not"), "\(said)")
        #expect(said.contains(why), "\(said)")
      }
    }
  }

  @Test func `has the head of its task among the modules to save`() throws {
    for (task, heads) in [
      ("SEQ_CLS", ["classifier", "score"]), ("TOKEN_CLS", ["classifier", "score"]),
      ("QUESTION_ANS", ["qa_outputs"]), ("CAUSAL_LM", []),
    ] {
      try fixture.damaged(config: [("task_type", .string(task))]) { folder in
        let configuration = try AdapterConfiguration(peft: AdapterFolder(at: folder).config)
        #expect(configuration.modulesToSave == heads)
      }
    }
  }

  @Test(arguments: ["TOKEN_CLS", "QUESTION_ANS", "SEQ_2_SEQ_LM"])
  func `of a task without a model is refused on every model`(_ task: String) throws {
    let base = try fixture.base()
    try fixture.damaged(config: [("task_type", .string(task))]) { folder in
      #expect(
        message { try Adapter(from: folder, on: base) }.contains("the adapter's task is \(task)"))
    }
  }

  @Test func `without targets has PEFT's of the kind of base, or none`() throws {
    try fixture.damaged(config: [("target_modules", .null)]) { folder in
      let config = try AdapterFolder(at: folder).config
      let targets = { (type: String) in
        try AdapterConfiguration(peft: config, modelType: type).target.modules
      }
      #expect(try targets("gpt2") == .named(["c_attn"]))
      #expect(try targets("bert") == .named(["query", "value"]))
      #expect(try targets("deberta-v2") == .named(["query_proj", "value_proj"]))
      let said = message { try targets("distilbert") }
      #expect(said.contains("PEFT knows no default for the model type \"distilbert\""), "\(said)")
    }
  }

  @Test(
    arguments: [
      ("0.0000004", "4e-07"), ("1e-30", "1e-30"), ("16", "16"), ("16.0", "16"), ("0.1", "0.1"),
      ("12345678.9", "12345678.9"), ("16.000000001", "16.000000001"), ("-3", "-3"),
    ])
  func `is written with the numbers that were given`(_ given: String, _ written: String) throws {
    let base = try fixture.base()
    let number = try JSONValue(parsing: given, from: "a test")
    try fixture.damaged(
      config: [
        ("lora_alpha", number), ("alpha_pattern", ["v_proj": number]),
        ("lora_dropout", try JSONValue(parsing: "0.123456789", from: "a test")),
      ]
    ) { folder in
      let adapter = try Adapter(from: folder, on: base)
      let config = adapter.peftConfiguration
      #expect(config["lora_alpha"]?.text() == written)
      #expect(config["alpha_pattern"]?.object?["v_proj"]?.text() == written)
      #expect(config["lora_dropout"]?.text() == "0.123456789")
      // Without a base too: in PEFT's form, in mlx-lm's, and back.
      let stored = try StoredAdapter(at: folder)
      let draft = EditableAdapter(stored, replacing: stored.modules.map { .init($0) })
      try withTemporaryFolder { place in
        try draft.write(as: .peft, into: place)
        let again = try JSONFile(at: place.appending(path: "adapter_config.json"))
        #expect(again["lora_alpha"]?.double == number.double)
        #expect(again["lora_dropout"]?.text() == "0.123456789")
        try draft.write(as: .mlx, into: place)
        let back = try StoredAdapter(at: place, as: .mlx)
        let distance = abs(back.modules[0].scale - stored.modules[0].scale)
        #expect(distance <= 1e-15 * abs(stored.modules[0].scale))
      }
    }
  }

  @Test func `of slices keeps a whole alpha`() throws {
    let base = try AdapterFixture(name: "gpt2-default").base()
    for (rank, alpha) in [(3, 16.0), (7, 4e-7), (4, 8)] {
      let adapter = try Adapter(
        on: base, targets: .queryValue, update: .lora(rank: rank, alpha: alpha))
      try withTemporaryFolder { parent in
        let folder = parent.appending(path: "adapter")
        try adapter.save(to: folder.path)
        let again = try Adapter(from: folder, on: base)
        #expect(again.configuration.ranks.alpha(of: "transformer.h.0.attn.c_attn") == alpha)
        #expect(again.peftConfiguration["lora_alpha"] == adapter.peftConfiguration["lora_alpha"])
      }
    }
  }
}

@Suite struct `A tensor of a type that no trained number has` {
  private let fixture = AdapterFixture(name: "llama2-default")

  private static let types = StoredType.safetensors.filter {
    !StoredType.floatingPoint.contains($0) && $0.bits >= 8
  }

  @Test(arguments: types) func `is refused by name, with a base and without`(_ type: StoredType)
    throws
  {
    let base = try fixture.base()
    try withTemporaryFolder { folder in
      let config = "adapter_config.json"
      try FileManager.default.copyItem(
        at: fixture.folder.appending(path: config), to: folder.appending(path: config))
      let file = folder.appending(path: "adapter_model.safetensors")
      let stored = try SafetensorsFile(
        at: fixture.folder.appending(path: "adapter_model.safetensors"))
      let name = try #require(stored.names.sorted().first)
      let sources = stored.tensors.map { tensor in
        tensor.name == name
          ? TensorSource(
            name, type, tensor.shape,
            bytes: Array(repeating: 0, count: tensor.shape.count * type.bits / 8))
          : TensorSource(tensor)
      }
      try SafetensorsFile.write(sources, to: file)
      let expected =
        "the tensor \(name) is stored as \(type.rawValue), expected F32, BF16, F16 or F64"
      for said in [
        message { try Adapter(from: folder, on: base) }, message { try StoredAdapter(at: folder) },
        message { try AdapterFolder(at: folder) },
      ] { #expect(said.contains(expected), "\(said)") }
    }
  }

  @Test(arguments: [StoredType.int8, .bool, .float8e4m3, .complex64])
  func `is refused in mlx-lm's folder`(_ type: StoredType) throws {
    try withTemporaryFolder { folder in
      let name = "model.layers.0.self_attn.q_proj.lora_a"
      try JSONValue.object([
        "fine_tune_type": "lora", "lora_parameters": ["rank": 2, "scale": 2],
      ]).write(to: folder.appending(path: "adapter_config.json"))
      try SafetensorsFile.write(
        [
          TensorSource(
            TensorName(name), type, [8, 2], bytes: Array(repeating: 0, count: 2 * type.bits)),
          TensorSource(
            "model.layers.0.self_attn.q_proj.lora_b", [2, 8], floats: Array(repeating: 1, count: 16)
          ),
        ], to: folder.appending(path: "adapters.safetensors"))
      #expect(
        message { try StoredAdapter(at: folder) }.contains(
          "the tensor \(name) is stored as \(type.rawValue), expected F32"))
    }
  }

  @Test(
    arguments: [
      ("a vector", [64], nil), ("a cube", [4, 4, 4], nil), ("nothing", [0, 16], nil),
      ("of another rank", [2, 16], nil), ("as it is", [4, 16], ("r", 0)),
      ("as it is", [4, 16], ("rank_pattern", ["q_proj": 0])),
    ] as [(String, Shape, (String, JSONValue)?)])
  func `or of another shape, or with a scale that makes no sense, is refused`(
    _ what: String, _ shape: Shape, _ entry: (String, JSONValue)?
  ) throws {
    let name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    try fixture.damaged(
      config: entry.map { [($0.0, $0.1)] } ?? [],
      tensors: { $0[name] = (shape, Array(repeating: 1, count: shape.count)) }
    ) { folder in
      let said = message { try StoredAdapter(at: folder) }
      #expect(said.contains(entry.map { "\"\($0.0)\"" } ?? "has shape \(shape)"), "\(said)")
    }
  }
}
