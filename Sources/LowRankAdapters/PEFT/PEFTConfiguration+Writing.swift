import Foundation
import LowRankCheckpoints
import LowRankTransformers

extension Architecture {
  /// PEFT's name for what a model of this class is for; null for images, of which PEFT has no name.
  fileprivate var peftTaskType: JSONValue {
    switch self {
    case is SequenceClassifier where backbone.imageInput != nil: .null
    case is SequenceClassifier: "SEQ_CLS"
    case is CausalModel: "CAUSAL_LM"
    default: "FEATURE_EXTRACTION"
    }
  }
}

extension Architecture {
  /// The class of transformers, by which PEFT finds it where the task does not say; nil for texts.
  package func peftAutoMapping(_ config: some JSONFields) -> JSONValue? {
    guard backbone.imageInput != nil, let type = config["model_type"]?.string else { return nil }
    return [
      "base_model_class": .string(className),
      "parent_library": .string("transformers.models.\(type).modeling_\(type)"),
    ]
  }
}

extension PatternRanks {
  /// Ranks and α under PEFT's keys.
  package var json: JSONObject {
    [
      "r": .integer(rank), "lora_alpha": .exact(alpha),
      "rank_pattern": Adapter.table(rankPattern) { .integer($0) },
      "alpha_pattern": Adapter.table(alphaPattern) { .exact($0) },
    ]
  }
}

extension Adapter {
  /// PEFT's `adapter_config.json` for the adapter as it is stored.
  ///
  /// Slices and offsets make the stored rank of a module larger than the trained one; α grows with it, so that the scale
  /// stays.
  public var peftConfiguration: JSONObject {
    peftConfiguration(of: configuration.method, storedRanks: updates.map(\.storedRank))
  }

  /// PEFT's `adapter_config.json` for the adapter as a method's files have it, with the rank of each module there.
  func peftConfiguration(of method: any Method, storedRanks: [Int?]) -> JSONObject {
    let ranks = self.ranks(storedRanks)
    var object: JSONObject = [
      "peft_type": .string(method.name),
      "task_type": base.architecture.peftTaskType,
      "base_model_name_or_path": base.folder.map {
        .string($0.origin?.model ?? $0.url.relativePath)
      } ?? .null,
      "inference_mode": true, "r": .integer(ranks.rank), "lora_alpha": .exact(ranks.alpha),
      "use_rslora": .bool(ranks.isRankStabilized),
      "target_modules": targetModules(of: method),
      "exclude_modules": Self.names(configuration.target.excluded),
      "layers_to_transform": writtenLayers.map { .array($0.map { .integer($0) }) } ?? .null,
      "layers_pattern": writtenLayers == nil || configuration.target.layersPattern.isEmpty
        ? .null : .array(configuration.target.layersPattern.map { .string($0) }),
      "rank_pattern": Self.table(ranks.rankPattern) { .integer($0) },
      "alpha_pattern": Self.table(ranks.alphaPattern) { .exact($0) },
      "bias": .string(configuration.bias.rawValue),
      "modules_to_save": configuration.modulesToSave.isEmpty
        ? .null : .array(configuration.modulesToSave.map { .string($0) }),
      "trainable_token_indices": configuration.trainedTokens?.json ?? .null,
      "fan_in_fan_out": .bool(!sites.isEmpty && sites.allSatisfy { $0.map.storesInputsFirst }),
      "revision": base.folder?.origin.map { .string($0.commit) } ?? .null,
    ]
    if let mapping = base.architecture.peftAutoMapping(base.config) {
      object["auto_mapping"] = mapping
    }
    let dialect = method.dialect
    if dialect.alphaKey != PEFTDialect.lora.alphaKey {
      let alpha = object["lora_alpha"]
      object["lora_alpha"] = nil
      if let key = dialect.alphaKey { object[key] = alpha }
    }
    if dialect.rankKey != PEFTDialect.lora.rankKey {
      object[dialect.rankKey] = object[PEFTDialect.lora.rankKey]
      object[PEFTDialect.lora.rankKey] = nil
    }
    if dialect.masksRanks { object["rank_pattern"] = rankMasks }
    if configuration.bias == .loraOnly { object["bias"] = .string(dialect.adaptedBiases) }
    for key in dialect.missing { object[key] = nil }
    for (key, value) in method.configuration.entries { object[key] = value }
    return object
  }

  /// The directions that are left of each module that has lost some; null where all are there.
  private var rankMasks: JSONValue {
    let whole = configuration.ranks.rank
    var masks = JSONObject()
    for site in sites where site.rank != whole {
      masks[site.path + PEFTDialect.maskSuffix] = .array(
        (0..<whole).map { .bool($0 < site.rank) })
    }
    return masks.isEmpty ? .null : .object(masks)
  }

  /// Ranks and alphas as stored, with an entry for every module whose stored rank differs from the rule's.
  private func ranks(_ stored: [Int?]) -> PatternRanks {
    var ranks = configuration.ranks
    let stored = zip(sites, stored).compactMap { site, rank in
      rank.map { (site: site, rank: $0) }
    }
    guard stored.contains(where: { $0.rank != $0.site.rank }) else { return ranks }
    // α is scaled with its divisor, so an integer α stays an integer.
    func alpha(_ site: AdaptedSite, _ rank: Int) -> Double {
      let growth = Double(rank) / Double(site.rank)
      return ranks.alpha(of: site.path) * (ranks.isRankStabilized ? growth.squareRoot() : growth)
    }
    if let first = stored.first, embeddings.isEmpty,
      stored.allSatisfy({ $0.rank == first.rank && $0.site.scale == first.site.scale })
    {
      return PatternRanks(
        rank: first.rank, alpha: alpha(first.site, first.rank),
        isRankStabilized: ranks.isRankStabilized)
    }
    let changed = stored.filter { $0.rank != $0.site.rank }
    // The key is written as a pattern but only ever made of a path, whose dots match themselves too.
    ranks.rankPattern =
      changed.compactMap { try? .init($0.site.path, $0.rank) } + ranks.rankPattern
    ranks.alphaPattern =
      changed.compactMap { try? .init($0.site.path, alpha($0.site, $0.rank)) } + ranks.alphaPattern
    return ranks
  }

  /// The adapted modules: a pattern as it was given, else the shortest names that mean just them.
  private func targetModules(of method: any Method) -> JSONValue {
    let paths = sites.map(\.path) + embeddings.keys.sorted()
    if configuration.target.excluded != nil,
      method.dialect.missing.contains("exclude_modules")
    {
      return .array(paths.map { .string($0) })
    }
    if configuration.target.modules.isCurrent(for: base.architecture.sites) {
      if case .matching(let pattern) = configuration.target.modules {
        return .string(pattern.description)
      }
      if case .named(let names) = configuration.target.modules {
        return .array(names.map { .string($0) })
      }
    }
    var seen: Set<String> = []
    let short = paths.compactMap { path in
      let name = String(path.split(separator: ".").last ?? "")
      return seen.insert(name).inserted ? name : nil
    }
    let meant = Target.Modules.named(short)
    let reached = base.architecture.sites.filter { meant.matches($0) && !$0.role.isPlain }
    let names = Set(reached.map(\.path)) == Set(paths) ? short : paths
    return .array(names.map { .string($0) })
  }

  private var writtenLayers: [Int]? {
    switch configuration.target.modules {
    case .named: configuration.target.layers
    case .matching: nil
    // Written as names, these would reach further than the layers; as paths they say it themselves.
    case .roles, .allLinear: nil
    }
  }

  private static func names(_ modules: Target.Modules?) -> JSONValue {
    switch modules {
    case .named(let names): .array(names.map { .string($0) })
    case .matching(let pattern): .string(pattern.description)
    case nil, .allLinear, .roles: .null
    }
  }

  fileprivate static func table<Value>(
    _ entries: [PatternRanks.Entry<Value>], _ write: (Value) -> JSONValue
  ) -> JSONValue {
    var object = JSONObject()
    for entry in entries where object[entry.key.description] == nil {
      object[entry.key.description] = write(entry.value)
    }
    return .object(object)
  }
}
