import LowRankCheckpoints

extension AdapterForm {
  /// mlx-lm's files of a draft with one rank and one scale: factors transposed, the scale itself in the configuration.
  func mlxFiles(of draft: EditableAdapter) throws -> Files {
    if let name = draft.firstWhole {
      throw AdapterError.cannotExpress(form: "mlx-lm", what: name)
    }
    var tensors: [TensorSource] = []
    var keys: [String] = []
    for module in draft.modules {
      guard module.kind == .linear, let key = Self.key(of: module.path) else {
        throw AdapterError.cannotExpress(form: "mlx-lm", what: "an update of \(module.path)")
      }
      if !keys.contains(key) { keys.append(key) }
      let name = MLXFolder.name(of: module.path)
      tensors.append(
        try module.down.arranged(.transposed).source(name + MLXFolder.downSuffix))
      tensors.append(try module.up.arranged(.transposed).source(name + MLXFolder.upSuffix))
      if let magnitude = module.magnitude {
        tensors.append(
          TensorSource(magnitude, as: TensorName(name + MLXFolder.magnitudeSuffix)))
      }
    }
    let hasMagnitude = draft.modules.contains { $0.magnitude != nil }
    guard !hasMagnitude || draft.modules.allSatisfy({ $0.magnitude != nil }) else {
      throw AdapterError.cannotExpress(form: "mlx-lm", what: "magnitudes of some modules alone")
    }
    var config: JSONObject = [
      // No positive number of layers means all of them.
      "fine_tune_type": hasMagnitude ? "dora" : "lora", "num_layers": -1,
      "lora_parameters": [
        "rank": .integer(draft.rank), "scale": .computed(draft.commonScale), "dropout": 0,
        "keys": .array(keys.map { .string($0) }),
      ],
    ]
    // As mlx-lm writes down the model that it was given.
    if let base = draft.config["base_model_name_or_path"]?.string, !base.isEmpty {
      config["model"] = .string(base)
    }
    return Files(weightsName: MLXFolder.weightsName, tensors: tensors, config: config)
  }

  /// What mlx-lm's configuration calls a module: its path within a layer, or that of a head.
  private static func key(of path: String) -> String? {
    if path == "lm_head" { return path }
    for layers in ["model.layers.", "transformer.h."] where path.utf8.starts(with: layers.utf8) {
      // model.layers.3.self_attn.q_proj is self_attn.q_proj of a layer.
      let parts = path.dropFirst(layers.count).split(separator: ".", maxSplits: 1)
      if parts.count == 2 { return String(parts[1]) }
    }
    return nil
  }
}
