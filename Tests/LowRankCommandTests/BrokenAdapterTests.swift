import Foundation
import LowRank
import Testing

/// Something that is done to an adapter's folder, and what the refusal says.
struct Attack: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let says: String
  let attack: @Sendable (AdapterWorkshop) throws -> Void

  init(
    _ description: String, says: String,
    _ attack: @escaping @Sendable (AdapterWorkshop) throws -> Void
  ) {
    (testDescription, self.says, self.attack) = (description, says, attack)
  }
}

extension Attack {
  /// The file of weights with other bytes.
  private static func bytes(
    _ description: String, says: String = "adapter_model.safetensors",
    _ change: @escaping @Sendable (Data) -> Data
  ) -> Attack {
    Attack(description, says: says) {
      try change(Data(contentsOf: $0.weights)).write(to: $0.weights)
    }
  }

  /// The file of weights with this header before its numbers.
  private static func header(_ description: String, _ text: String, length: UInt64? = nil) -> Attack
  {
    bytes(description) { _ in
      let count = (length ?? UInt64(text.utf8.count)).littleEndian
      return withUnsafeBytes(of: count) { Data($0) } + Data(text.utf8) + Data(count: 64)
    }
  }

  private static func config(
    _ description: String, says: String = "adapter_config.json", _ text: Data
  )
    -> Attack
  { Attack(description, says: says) { try text.write(to: $0.config) } }

  private static func key(_ key: String, _ value: String, says: String) -> Attack {
    Attack("\(key) is \(value)", says: says) { try $0.configure([key: value]) }
  }

  private static func link(
    _ description: String, says: String,
    _ make: @escaping @Sendable (AdapterWorkshop) -> (URL, String)
  )
    -> Attack
  {
    Attack(description, says: says) { workshop in
      let (place, target) = make(workshop)
      try FileManager.default.removeItem(at: place)
      try FileManager.default.createSymbolicLink(
        atPath: place.path, withDestinationPath: target)
    }
  }

  static let files: [Attack] =
    [0, 4, 8, 9, 200].map { count in
      bytes("cut to \(count) bytes") { $0.prefix(count) }
    } + [
      bytes("a byte short") { $0.dropLast() },
      bytes("a byte too many") { $0 + [0] },
      header("a header longer than the file", "{}", length: 4096),
      header("a header of 2⁶³ bytes", "{}", length: 1 << 63),
      header("a header of all bits", "{}", length: .max),
      header("a header that is a list", "[]"),
      header("a header that is no JSON", "{\"a\":"),
      header("a header without end", "{\"a\":" + String(repeating: "[", count: 100_000)),
      header("bytes of nobody", "{}"),
      header(
        "a shape that overflows",
        #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,64]}}"#),
      header(
        "offsets that go back", #"{"a":{"dtype":"F32","shape":[16],"data_offsets":[64,0]}}"#),
      header(
        "a shape that is not its bytes",
        #"{"a":{"dtype":"F32","shape":[17],"data_offsets":[0,64]}}"#),
      header(
        "a type that is none", #"{"a":{"dtype":"F31","shape":[16],"data_offsets":[0,64]}}"#),
      header(
        "two tensors of one name",
        #"{"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]},"a":{"dtype":"F32","shape":[8],"data_offsets":[32,64]}}"#
      ),
      config("a configuration that is empty", Data()),
      config("a configuration that is no JSON", Data("r: 8".utf8)),
      config("a configuration that is a list", says: "must be an object", Data("[1]".utf8)),
      config("a configuration that is no text", Data([0xff, 0xfe, 0, 0x80])),
      config(
        "a configuration without end",
        Data(String(repeating: "{\"a\":", count: 200_000).utf8)),
      link("a configuration that links to itself", says: "adapter_config.json") {
        ($0.config, "adapter_config.json")
      },
      link("weights that link to themselves", says: "adapter_model.safetensors") {
        ($0.weights, "adapter_model.safetensors")
      },
      link("a folder that links to itself", says: "is not the folder of an adapter") {
        ($0.adapter, $0.adapter.path)
      },
      link("weights that are a folder", says: "adapter_model.safetensors") {
        ($0.weights, $0.model.path)
      },
      link("weights that never end", says: "adapter_model.safetensors") {
        ($0.weights, "/dev/zero")
      },
      Attack("safetensors by the name of a pickle", says: "is no file of torch") {
        try FileManager.default.moveItem(
          at: $0.weights, to: $0.adapter.appending(path: "adapter_model.bin"))
      },
      Attack("a file for a folder", says: "is not the folder of an adapter") {
        try FileManager.default.removeItem(at: $0.adapter)
        try Data("adapter".utf8).write(to: $0.adapter)
      },
    ]

  static let contents: [Attack] = [
    key("r", "0", says: "[check: rank]"), key("r", "-2", says: "[check: rank]"),
    key("r", "4", says: "[check: rank]"), key("r", "1000000000000", says: "[check: rank]"),
    key("r", "\"2\"", says: "\"r\" must be an integer"),
    key("r", "1e400", says: "\"r\" must be an integer"),
    key("lora_alpha", "1e400", says: "[check: rank]"),
    key("lora_alpha", "0", says: "[check: rank]"),
    key("lora_alpha", "[]", says: "\"lora_alpha\" must be a number"),
    key("rank_pattern", "{\"q_proj\": 0}", says: "[check: rank]"),
    key("rank_pattern", "{\"(\": 2}", says: "is not a regular expression"),
    key("target_modules", "[\"q_proj\", \"v_proj\", \"o_prj\"]", says: "[check: targets]"),
    key("target_modules", "\"(\"", says: "is not a regular expression"),
    key("target_modules", "7", says: "target_modules"),
    key("target_modules", "[]", says: "no module matches"),
    key("layers_to_transform", "[9]", says: "[check: targets]"),
    key("peft_type", "\"IA3\"", says: "\"peft_type\" is \"IA3\""),
    key("auto_mapping", "{\"base_model_class\": \"os.system\"}", says: ""),
    Attack("numbers that are none", says: "[check: finite]") {
      try $0.rewrite { ($0.text, $1, $2.map { _ in .nan }) }
    },
    Attack("an infinite number", says: "[check: finite]") {
      try $0.rewrite { ($0.text, $1, [.infinity] + $2.dropFirst()) }
    },
    Attack("another prefix", says: "instead, and 3 more like it [check: tensors]") {
      try $0.rewrite { (String($0.text.dropFirst("base_model.".count)), $1, $2) }
    },
    Attack("half of the tensors", says: "[check: tensors]") {
      try $0.rewrite { $0.text.contains("lora_B") ? nil : ($0.text, $1, $2) }
    },
    Attack("no tensor", says: "[check: tensors]") { try $0.rewrite { _, _, _ in nil } },
    Attack(
      "a tensor of nobody", says: "1 tensor belongs to no adapted module: junk [check: tensors]"
    ) { try $0.rewrite(adding: [TensorSource("junk", [1], floats: [1])]) { ($0.text, $1, $2) } },
    Attack("slices beyond the map", says: "expected a part of its 16 outputs") { workshop in
      try workshop.rewrite(
        note:
          #"{"version":"1","slices":{"model.layers.0.self_attn.q_proj":[["query",0,999999999]]}}"#
      ) { ($0.text, $1, $2) }
    },
    Attack("factors exchanged", says: "[check: shapes]") {
      try $0.rewrite { ($0.text, [$1[1], $1[0]], $2) }
    },
    Attack("factors without a rank", says: "[check: shapes]") {
      try $0.rewrite { name, shape, _ in
        (name.text, name.text.contains("lora_A") ? [0, shape[1]] : [shape[0], 0], [])
      }
    },
    Attack("a base of other weights", says: "[check: fingerprint]") { try $0.exchangeBase() },
    Attack("another architecture's", says: "[check: targets]") { workshop in
      try workshop.forgetBase()
      try workshop.configure(["target_modules": "[\"c_attn\"]", "fan_in_fan_out": "true"])
    },
  ]
}

@Suite struct `A broken adapter` {
  @Test(arguments: Attack.files + Attack.contents.filter { !$0.says.isEmpty })
  func `is refused in one sentence`(_ attack: Attack) throws {
    let workshop = try AdapterWorkshop()
    try attack.attack(workshop)
    let answer = try workshop.score()
    #expect(answer.status == 1 || answer.status == 2, "\(answer.status): \(answer.errors)")
    #expect(answer.output.isEmpty)
    let lines = answer.errors.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("error: ") } == 1 && lines.count == 1, "\(answer.errors)")
    #expect(answer.errors.contains(attack.says), "\(answer.errors)")
  }

  @Test func `is not run, whatever its configuration names`() throws {
    for attack in Attack.contents where attack.says.isEmpty {
      let workshop = try AdapterWorkshop()
      try attack.attack(workshop)
      #expect(try workshop.score().status == 0)
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `that may not be read is refused`() throws {
    let workshop = try AdapterWorkshop()
    for place in [workshop.config, workshop.weights, workshop.adapter] {
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: place.path)
      let answer = try workshop.score()
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path)
      #expect(answer.status == 1)
      #expect(answer.errors.contains(place.lastPathComponent), "\(answer.errors)")
    }
  }
}
