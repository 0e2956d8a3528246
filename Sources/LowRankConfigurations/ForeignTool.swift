import LowRankSessions

/// A trainer whose configurations are understood.
package enum ForeignTool: String, CaseIterable {
  case mlx, axolotl

  /// Its name as its users write it.
  package var name: String { self == .mlx ? "mlx-lm" : "axolotl" }

  /// Its key of the modules to adapt.
  private var targetKey: String {
    self == .mlx ? "lora_parameters.keys" : "lora_target_modules"
  }

  /// Its keys.
  private var known: KnownKeys {
    KnownKeys(
      tool: name, keys: self == .mlx ? MLXConfiguration.keys : AxolotlConfiguration.keys)
  }

  /// Whether its configurations have a key, or a mapping of keys under that name.
  package func knows(_ key: String) -> Bool { known.rule(of: key) != nil || known.isGroup(key) }

  /// The tool of which a file has the most keys.
  ///
  /// - Throws: `SettingsError` where it has as many of both, or none.
  package init(guessing file: ForeignFile, at path: String) throws {
    let counts = Self.allCases.map { tool in
      (tool: tool, count: file.names.filter(tool.knows).count)
    }.sorted { $0.count > $1.count }
    guard counts[0].count > counts[1].count else {
      throw SettingsError(
        "\(path) could be of several tools, or of none; name the one to read with --from mlx or axolotl"
      )
    }
    self = counts[0].tool
  }

  /// Makes a run's file of one of this tool's.
  ///
  /// - Parameter model: the model's folder instead of what the file names.
  package func convert(_ file: ForeignFile, model: String?) throws -> RunDraft {
    var conversion = Conversion(file, of: known, model: model)
    switch self {
    case .mlx: try MLXConfiguration.convert(&conversion)
    case .axolotl: try AxolotlConfiguration.convert(&conversion)
    }
    try conversion.checkTargets(key: targetKey)
    conversion.close()
    return conversion.run
  }
}
