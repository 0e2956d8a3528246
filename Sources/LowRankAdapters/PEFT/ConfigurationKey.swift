import LowRankCheckpoints

/// What a key of PEFT's `adapter_config.json` means for a trained adapter.
///
/// The table holds every key of `LoraConfig` in PEFT 0.21.2. Any key may be null, false or empty; a key that is not
/// in the table is refused with any other value.
package enum ConfigurationKey {
  /// The key is read.
  case read
  /// The key does not affect a trained adapter, for the reason given.
  case inert(String)
  /// The key changes the result and is not supported; the reason says how.
  case refused(String)

  /// Every key, by name.
  package static let all: [String: ConfigurationKey] = [
    // Identity and purpose.
    "peft_type": .read,
    "task_type": .read,
    "base_model_name_or_path": .inert("the base is the one that the caller opens"),
    "revision": .inert("as base_model_name_or_path"),
    "auto_mapping": .inert("names a Python class"),
    "peft_version": .inert("says who wrote the file"),
    "inference_mode": .inert("says whether PEFT freezes the factors"),
    "runtime_config": .inert("PEFT ignores it in files"),
    // Modules, ranks and scale.
    "r": .read,
    "lora_alpha": .read,
    "use_rslora": .read,
    "rank_pattern": .read,
    "alpha_pattern": .read,
    "target_modules": .read,
    "exclude_modules": .read,
    "layers_to_transform": .read,
    "layers_pattern": .read,
    "fan_in_fan_out": .inert("the base's architecture says how a weight is stored"),
    // Other trained parameters.
    "bias": .read,
    "modules_to_save": .read,
    "trainable_token_indices": .read,
    "ensure_weight_tying": .read,
    "use_dora": .read,
    // Keys that only affect training.
    "lora_dropout": .read,
    "init_lora_weights": .read,
    "eva_config": .inert("how the start of EVA was found"),
    "corda_config": .inert("how the start of CorDA was found"),
    "lora_ga_config": .inert("how the start of LoRA-GA was found"),
    "loftq_config": .inert("read by the start loftq alone, which is refused"),
    "velora_config": .inert(
      "compresses what is kept for the backward pass; the forward pass is LoRA's"),
    "monteclora_config": .inert(
      "samples A while it is trained; PEFT evaluates and merges A itself"),
    "megatron_core": .inert("the module that megatron_config is for"),
    "merge_weights": .inert("says whether PEFT before 0.3 merged the update to evaluate it"),
    "qalora_group_size": .inert("read where use_qalora is true, which is refused"),
    // Keys that change the result.
    "lora_bias": .refused("a bias is added behind B, which updates here cannot hold"),
    "enable_lora": .refused(
      "PEFT before 0.3 adapts parts of fused maps, with factors of other shapes"),
    "layer_replication": .refused(
      "the model is made of repeated layers of the base; give a base that has them"),
    "target_parameters": .refused(
      "factors of parameters that are not linear maps, such as the experts of a mixture, are not supported"
    ),
    "alora_invocation_tokens": .refused(
      "the update applies only behind the invocation tokens of each text (Activated LoRA)"),
    "use_qalora": .refused("inputs are pooled in groups before A, on a quantised base (QA-LoRA)"),
    "use_bdlora": .refused("factors are block-diagonal (BD-LoRA)"),
    "arrow_config": .refused("a router chooses among several adapters for each token (Arrow)"),
    "kasa_config": .refused(
      "the smallest singular components are taken out of the base's weights, and a diagonal stands between B and A (KaSA)"
    ),
    "megatron_config": .refused("layers of Megatron are not supported"),
  ]

  /// Refuses keys that would change the result.
  ///
  /// - Parameter own: the keys of the adapter's method.
  /// - Throws: `AdapterError.refusedKey` for a known key, `AdapterError.unsupported` for another one.
  static func check(_ config: JSONFile, beside own: Set<String>) throws(AdapterError) {
    for key in config.allKeys where !own.contains(key) {
      guard let value = config[key], !value.saysNothing else { continue }
      switch all[key] {
      case .read, .inert: continue
      case .refused(let why):
        throw .refusedKey(file: config.source, key: key, value: value.text(), why: why)
      case nil:
        throw .unsupported(file: config.source, key: key, value: value.text())
      }
    }
  }

  /// The name endings of tensors that only training needs.
  private static let trainingTensors = [".lora_velora_embed"]
  private static let trainingModules = ".lora_monteclora_sampler."

  /// Whether only training needs a tensor, such as those of VeLoRA and MonteCLoRA.
  static func isForTraining(_ name: TensorName) -> Bool {
    trainingTensors.contains(where: name.hasSuffix) || name.text.contains(trainingModules)
  }
}

extension JSONValue {
  /// Whether the value is null, false or empty.
  fileprivate var saysNothing: Bool {
    switch self {
    case .null, .bool(false): true
    case .string(let text): text.isEmpty
    case .array(let items): items.isEmpty
    case .object(let object): object.isEmpty
    default: false
    }
  }
}
