/// A trainer whose configurations are understood.
enum ForeignTool: String, CaseIterable {
  case mlx, axolotl

  /// Its name as its users write it.
  var name: String { self == .mlx ? "mlx-lm" : "axolotl" }

  /// Its keys; one that ends in a star stands for all that begin so.
  var keys: [String: KeyRule] { self == .mlx ? MLXConfiguration.keys : AxolotlConfiguration.keys }

  /// What becomes of a key; nil where it is not known.
  func rule(of key: String) -> KeyRule? {
    if let rule = keys[key] { return rule }
    let families = keys.filter { $0.key.hasSuffix("*") && key.hasPrefix($0.key.dropLast()) }
    return families.max { $0.key.count < $1.key.count }?.value
  }

  /// Whether a key is a mapping, whose keys are known one by one.
  func isGroup(_ key: String) -> Bool { keys.keys.contains { $0.hasPrefix(key + ".") } }

  /// The tool of which a file has the most keys.
  ///
  /// - Throws: `UsageError` where it has as many of both, or none.
  init(guessing file: ForeignFile, at path: String) throws {
    let counts = Self.allCases.map { tool in
      (tool: tool, count: file.names.filter { tool.rule(of: $0) != nil || tool.isGroup($0) }.count)
    }.sorted { $0.count > $1.count }
    guard counts[0].count > counts[1].count else {
      throw UsageError(
        "\(path) could be of several tools, or of none; name the one to read with --from mlx or axolotl"
      )
    }
    self = counts[0].tool
  }

  /// Makes a run's file of one of this tool's.
  ///
  /// - Parameter model: the model's folder instead of what the file names.
  func convert(_ file: ForeignFile, model: String?) throws -> RunDraft {
    var conversion = Conversion(file, of: self, model: model)
    switch self {
    case .mlx: try MLXConfiguration.convert(&conversion)
    case .axolotl: try AxolotlConfiguration.convert(&conversion)
    }
    conversion.close()
    return conversion.run
  }
}
