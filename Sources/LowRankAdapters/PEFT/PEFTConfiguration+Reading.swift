import Foundation
import LowRankCheckpoints
import LowRankTransformers

extension AdapterConfiguration {
  /// Reads PEFT's `adapter_config.json`.
  ///
  /// A key at its default, or unknown and null, false or empty, changes nothing; any other that is not built is an error
  /// by name. Absent keys have PEFT's defaults: rank 8, alpha 8.
  ///
  /// - Parameter methods: methods beside the known ones, by `peft_type`.
  /// - Throws: `JSONError`, `AdapterError`, `PatternError`.
  public init(peft config: JSONFile, methods: [any Method] = []) throws {
    let type = try config.string("peft_type")
    guard let known = (methods + [LoRA()]).first(where: { $0.name == type }) else {
      throw AdapterError.unsupported(file: config.source, key: "peft_type", value: "\"\(type)\"")
    }
    method = try known.configured(by: config)
    try Self.checkInert(config, beside: method.configuration)
    target = try Self.target(config)
    ranks = PatternRanks(
      rank: try Self.rank("r", in: config, default: 8),
      alpha: try Self.alpha("lora_alpha", in: config, default: 8),
      isRankStabilized: try config.bool("use_rslora", default: false),
      rankPattern: try Self.pattern("rank_pattern", in: config) {
        try Self.rank($1, in: $0)
      },
      alphaPattern: try Self.pattern("alpha_pattern", in: config) {
        try Self.alpha($1, in: $0)
      })
    let bias = try config.string("bias", default: "none")
    guard let trained = Bias(rawValue: bias) else {
      throw AdapterError.unsupported(file: config.source, key: "bias", value: "\"\(bias)\"")
    }
    self.bias = trained
    modulesToSave = try config.optionalStrings("modules_to_save") ?? []
  }

  /// A number that may be too large to hold, which the checks of ranks then refuse by name.
  private static func rank(
    _ key: String, in config: some JSONFields, default preset: Int? = nil
  ) throws -> Int {
    if case .number(let number) = config[key], number.integer == nil,
      number.text.utf8.drop(while: { $0 == UInt8(ascii: "-") })
        .allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
    {
      return number.text.hasPrefix("-") ? .min : .max
    }
    return try preset.map { try config.integer(key, default: $0) } ?? config.integer(key)
  }

  private static func alpha(
    _ key: String, in config: some JSONFields, default preset: Double? = nil
  ) throws -> Double {
    if case .number(let number) = config[key], number.double == nil { return .infinity }
    return try preset.map { try config.double(key, default: $0) } ?? config.double(key)
  }

  private static func pattern<Value>(
    _ key: String, in config: JSONFile, _ read: (JSONSection, String) throws -> Value
  ) throws -> [PatternRanks.Entry<Value>] {
    guard let section = try config.optionalObject(key) else { return [] }
    return try section.allKeys.map { try PatternRanks.Entry($0, read(section, $0)) }
  }

  private static func target(_ config: JSONFile) throws -> Target {
    guard let modules = try modules("target_modules", in: config) else {
      throw config.mismatch("target_modules", expected: "a list of names or a pattern")
    }
    let layers: [Int]? =
      if let one = config["layers_to_transform"]?.integer { [one] } else {
        try config.optionalIntegers("layers_to_transform")
      }
    let patterns: [String]? =
      if let one = config["layers_pattern"]?.string { [one] } else {
        try config.optionalStrings("layers_pattern")
      }
    return Target(
      modules, excluded: try self.modules("exclude_modules", in: config), layers: layers,
      layersPattern: patterns?.filter { !$0.isEmpty } ?? [])
  }

  private static func modules(_ key: String, in config: JSONFile) throws -> Target.Modules? {
    if let text = config[key]?.string {
      return text.lowercased() == "all-linear" ? .allLinear : .matching(try PathPattern(text))
    }
    return try config.optionalStrings(key).map { .named($0) }
  }

  private static func checkInert(_ config: JSONFile, beside own: JSONObject) throws {
    for key in config.allKeys where !understood.contains(key) && own[key] == nil {
      guard let value = config[key], !isEmpty(value), value != defaults[key] else { continue }
      throw AdapterError.unsupported(file: config.source, key: key, value: value.text())
    }
  }

  private static func isEmpty(_ value: JSONValue) -> Bool {
    switch value {
    case .null, .bool(false): true
    case .string(let text): text.isEmpty
    case .array(let items): items.isEmpty
    case .object(let object): object.isEmpty
    default: false
    }
  }

  /// Keys that are read above, or that say nothing about the numbers.
  private static let understood: Set<String> = [
    "peft_type", "r", "lora_alpha", "use_rslora", "target_modules", "exclude_modules",
    "layers_to_transform", "layers_pattern", "rank_pattern", "alpha_pattern", "bias",
    "modules_to_save", "fan_in_fan_out", "task_type", "base_model_name_or_path", "revision",
    "inference_mode", "auto_mapping", "peft_version",
    "runtime_config",
  ]

  /// Keys that are not built, at values that change nothing.
  private static let defaults: [String: JSONValue] = [
    "megatron_core": "megatron.core", "qalora_group_size": 16,
  ]
}
