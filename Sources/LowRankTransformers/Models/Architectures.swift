import LowRankCheckpoints

/// The architectures that are built, by `model_type`: one line each.
public enum Architectures {
  /// Builds the model that a configuration describes, with weights from a builder.
  ///
  /// - Parameter head: what stands on the backbone; by default what the configuration names.
  /// - Throws: `ModelError.unsupportedArchitecture` for another one, and what reading the configuration throws.
  public static func model(
    _ config: some JSONFields, as head: ModelHead? = nil,
    _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any Architecture {
    let backbone = try backbone(config, &builder)
    switch try head ?? ModelHead(named: config, for: backbone) {
    case .none: return BareModel(backbone)
    case .causal:
      guard backbone.causalClassName != nil else {
        throw ModelError.notCausal(file: config.source, name: try config.string("model_type"))
      }
      let map = try builder.head(
        "lm_head", tiedTo: backbone.tokenTable, isTied: backbone.tiesHead)
      return CausalModel(backbone, head: map)
    case .classifier(let given):
      let classification = try given ?? Classification(config)
      return SequenceClassifier(
        backbone,
        head: try backbone.classifierHead(count: classification.labels.count, &builder))
    }
  }

  private static func backbone(
    _ config: some JSONFields, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any Backbone {
    let name = try config.string("model_type")
    if let family = LlamaConfiguration.Family(rawValue: name) {
      return try Llama(LlamaConfiguration(config, family: family), &builder)
    }
    if let family = Bert.Family(rawValue: name) {
      let numbers = try EncoderConfiguration(config, isRoberta: family != .bert)
      return try Bert(numbers, family: family, &builder)
    }
    if let generation = DebertaConfiguration.Generation(rawValue: name) {
      return try Deberta(DebertaConfiguration(config, generation: generation), &builder)
    }
    if let family = VisionTransformer.Family(rawValue: name) {
      return try VisionTransformer(
        VisionConfiguration(config), family: family, hasTeacher: TeacherHead.isNamed(by: config),
        &builder)
    }
    switch name {
    case "gemma3_text": return try Gemma3(Gemma3Configuration(config), &builder)
    case "phi3": return try Phi3(Phi3Configuration(config), &builder)
    case "modernbert": return try ModernBert(ModernBertConfiguration(config), &builder)
    case "gpt2": return try GPT2(GPT2Configuration(config), &builder)
    case "distilbert":
      return try DistilBert(EncoderConfiguration(distilled: config), &builder)
    default:
      throw ModelError.unsupportedArchitecture(
        file: config.source, name: name, supported: supported)
    }
  }

  /// Whether the model that a configuration describes reads images, and not texts.
  ///
  /// - Throws: `JSONError` where it names no model type.
  package static func readsImages(_ config: some JSONFields) throws -> Bool {
    VisionTransformer.Family(rawValue: try config.string("model_type")) != nil
  }

  /// What the names of the base's tensors begin with in the class for the task.
  package static func prefix(_ config: some JSONFields) throws -> String {
    switch try config.string("model_type") {
    case "gpt2": "transformer."
    case "distilbert": "distilbert."
    case "deberta", "deberta-v2": "deberta."
    case let name:
      Bert.Family(rawValue: name)?.prefix ?? VisionTransformer.Family(rawValue: name)?.prefix
        ?? "model."
    }
  }

  /// The values of `model_type` that are built.
  public static let supported =
    ["gpt2"] + LlamaConfiguration.Family.allCases.map(\.rawValue)
    + ["gemma3_text", "phi3"] + Bert.Family.allCases.map(\.rawValue) + ["distilbert"]
    + DebertaConfiguration.Generation.allCases.map(\.rawValue) + ["modernbert"]
    + VisionTransformer.Family.allCases.map(\.rawValue)
}
