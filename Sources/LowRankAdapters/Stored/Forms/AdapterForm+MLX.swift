import LowRankCheckpoints

extension AdapterForm {
  /// mlx-lm's files of a draft with one rank and one scale: factors transposed, the scale itself in the configuration.
  func mlxFiles(of draft: AdapterDraft) throws -> Files {
    guard draft.others.isEmpty else {
      throw AdapterError.cannotExpress(
        form: "mlx-lm", what: "\(draft.others[0].name), which was trained whole")
    }
    var tensors: [TensorSource] = []
    var keys: [String] = []
    for module in draft.modules {
      // model.layers.3.self_attn.q_proj is self_attn.q_proj of a layer.
      let parts = module.path.split(separator: ".", maxSplits: 3)
      guard module.kind == .linear, parts.count == 4, parts[0] == "model", parts[1] == "layers"
      else {
        throw AdapterError.cannotExpress(form: "mlx-lm", what: "an update of \(module.path)")
      }
      if !keys.contains(String(parts[3])) { keys.append(String(parts[3])) }
      tensors.append(try module.down.transposed().source(module.path + ".lora_a"))
      tensors.append(try module.up.transposed().source(module.path + ".lora_b"))
      if let magnitude = module.magnitude {
        tensors.append(TensorSource(magnitude, as: TensorName(module.path + ".m")))
      }
    }
    let hasMagnitude = draft.modules.contains { $0.magnitude != nil }
    guard !hasMagnitude || draft.modules.allSatisfy({ $0.magnitude != nil }) else {
      throw AdapterError.cannotExpress(form: "mlx-lm", what: "magnitudes of some modules alone")
    }
    return Files(
      weightsName: "adapters.safetensors", tensors: tensors,
      config: [
        // No positive number of layers means all of them.
        "fine_tune_type": hasMagnitude ? "dora" : "lora", "num_layers": -1,
        "lora_parameters": [
          "rank": .integer(draft.rank), "scale": .wholeNumber(draft.commonScale), "dropout": 0,
          "keys": .array(keys.map { .string($0) }),
        ],
      ])
  }
}
