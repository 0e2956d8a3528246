import LowRankCheckpoints

/// The architectures that are built, by `model_type`: one line each.
public enum Architectures {
  /// Builds the model that a configuration describes, with weights from a builder.
  ///
  /// - Throws: `ModelError.unsupportedArchitecture` for another one, and what reading the configuration throws.
  public static func causal(
    _ config: some JSONFields, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any CausalArchitecture {
    let name = try config.string("model_type")
    if name == "gpt2" { return try GPT2(GPT2Configuration(config), &builder) }
    if let family = LlamaConfiguration.Family(rawValue: name) {
      return try Llama(LlamaConfiguration(config, family: family), &builder)
    }
    throw ModelError.unsupportedArchitecture(file: config.source, name: name, supported: supported)
  }

  /// What the names of the base's tensors begin with in the class for the task.
  package static func prefix(_ config: some JSONFields) throws -> String {
    try config.string("model_type") == "gpt2" ? "transformer." : "model."
  }

  /// The values of `model_type` that are built.
  public static let supported = ["gpt2"] + LlamaConfiguration.Family.allCases.map(\.rawValue)
}
