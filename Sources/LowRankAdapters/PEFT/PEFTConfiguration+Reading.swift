import Foundation
import LowRankCheckpoints
import LowRankTransformers

extension AdapterConfiguration {
  /// Reads PEFT's `adapter_config.json`.
  ///
  /// ``ConfigurationKey`` says how each key is treated. Absent keys get PEFT's defaults: rank 8, alpha 8, the task's
  /// head among the modules to save, and the default target modules of the base's model type.
  ///
  /// - Parameters:
  ///   - methods: methods in addition to the known ones, by `peft_type`.
  ///   - modelType: the `model_type` of the base, if known; without it, an absent `target_modules` matches nothing.
  /// - Throws: `JSONError`, `AdapterError`, `PatternError`.
  public init(
    peft config: JSONFile, methods: [any Method] = [], modelType: String? = nil
  ) throws {
    let type = try config.string("peft_type")
    guard
      let known = methods.first(where: { $0.name == type })
        ?? MethodRegistries.architectures.method(peftType: type)
    else {
      throw AdapterError.unsupported(file: config.source, key: "peft_type", value: "\"\(type)\"")
    }
    method = try known.configured(by: config)
    let dialect = method.dialect
    try ConfigurationKey.check(
      config,
      beside: Set(
        method.configuration.keys + [dialect.rankKey] + (dialect.alphaKey.map { [$0] } ?? [])))
    target = try Self.target(config, modelType)
    let rank = try Self.rank(dialect.rankKey, in: config, default: dialect.rank)
    ranks = PatternRanks(
      rank: rank,
      alpha: try dialect.alphaKey.map { try Self.alpha($0, in: config, default: dialect.alpha) }
        ?? Double(max(rank, 1)),
      isRankStabilized: try config.bool("use_rslora", default: false),
      rankPattern: dialect.masksRanks
        ? try Self.masks(in: config)
        : try Self.pattern("rank_pattern", in: config) { try Self.rank($1, in: $0) },
      alphaPattern: try Self.pattern("alpha_pattern", in: config) {
        try Self.alpha($1, in: $0)
      })
    let bias = try config.string("bias", default: "none")
    guard let trained = bias == dialect.adaptedBiases ? .loraOnly : Bias(rawValue: bias) else {
      throw AdapterError.unsupported(file: config.source, key: "bias", value: "\"\(bias)\"")
    }
    self.bias = trained
    let saved = try config.optionalStrings("modules_to_save") ?? []
    let heads = PEFTDefaults.heads(of: try config.optionalString("task_type"))
    modulesToSave = saved + heads.filter { !saved.contains($0) }
    trainedTokens = try TrainedTokens(config)
    ensuresTying = try config.bool("ensure_weight_tying", default: false)
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

  /// The ranks of modules of which some directions are gone: `{"PATH.lora_E": [true, false, …]}`.
  private static func masks(in config: JSONFile) throws -> [PatternRanks.Entry<Int>] {
    guard let section = try config.optionalObject("rank_pattern") else { return [] }
    return try section.allKeys.map { key in
      let mask = try section.array(key).map { value in
        guard let isLeft = value.bool else {
          throw section.mismatch(key, expected: "a list of true and false")
        }
        return isLeft
      }
      let path = key.range(of: PEFTDialect.maskSuffix).map { String(key[..<$0.lowerBound]) } ?? key
      return try PatternRanks.Entry(path, mask.count { $0 })
    }
  }

  private static func target(_ config: JSONFile, _ modelType: String?) throws -> Target {
    let modules =
      try self.modules("target_modules", in: config)
      ?? .named(modelType.map { try PEFTDefaults.targets(of: $0, config) } ?? [])
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
}
