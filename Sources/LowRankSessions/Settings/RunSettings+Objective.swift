import LowRank

extension RunSettings {
  /// The objective with its settings; nil to continue texts.
  package var parsedObjective: PreferenceObjective? {
    get throws { try objective.parsed(labelSmoothing: labelSmoothing) }
  }

  /// What of a run's identity the objective is; null where none is given.
  var objectiveIdentity: JSONObject {
    get throws {
      let json = try parsedObjective?.json ?? [:]
      let keys: [RunKey] = [
        .objective, .beta, .lossType, .simpoGamma, .desirableWeight, .undesirableWeight,
      ]
      var identity = JSONObject(keys.map { ($0.rawValue, json[$0.rawValue] ?? .null) })
      identity[RunKey.precomputeReference.rawValue] =
        objective.precomputeReference ? .bool(true) : .null
      return identity
    }
  }

  /// The files of weights of the adapter that answers are measured against, each with its size and hash; nil for none.
  var referenceFiles: JSONObject? {
    get throws {
      guard let start = initAdapter, try parsedObjective?.needsReference == true else { return nil }
      let folder = try model.adapterFolder(start).url
      return try FolderManifest(of: folder) { path in
        !path.contains("/") && (path.hasSuffix(".safetensors") || path.hasSuffix(".bin"))
      }.files
    }
  }

  /// Refuses settings that mean nothing to an objective.
  func checkObjective() throws {
    guard let parsed = try parsedObjective else { return }
    let name = parsed.method.rawValue
    guard subject == .adapter else {
      throw SettingsError("\(.objective) is for an adapter, not for all weights of a model")
    }
    guard try parsedTask == .causal else {
      throw SettingsError("\(.objective) \(name) contradicts \(.task) \(task)")
    }
    try data.requirePreferences(parsed)
    if !parsed.isPaired, steps.batchSize < 2, !plan.packing {
      throw SettingsError(
        "\(.batchSize) is \(steps.batchSize), expected at least 2 with \(.objective) kto: the distance from the reference is estimated of answers to the batch's other prompts"
      )
    }
  }
}
