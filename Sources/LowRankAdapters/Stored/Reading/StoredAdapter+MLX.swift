import Foundation
import LowRankCheckpoints
import LowRankTensors

extension StoredAdapter {
  /// Opens mlx-lm's folder, whose factors are PEFT's with rows and columns exchanged: `A = lora_aᵀ`, `B = lora_bᵀ`.
  static func readingMLX(_ url: URL) throws -> StoredAdapter {
    let folder = try MLXFolder(at: url)
    let source = folder.file.url.relativePath
    var (modules, claimed): ([StoredModule], Set<TensorName>) = ([], [])
    for tensor in folder.file.tensors {
      guard let name = tensor.name.droppingSuffix(MLXFolder.downSuffix) else { continue }
      modules.append(try module(name.text, tensor, folder))
      for suffix in [MLXFolder.downSuffix, MLXFolder.upSuffix, MLXFolder.magnitudeSuffix] {
        claimed.insert(TensorName(name.text + suffix))
      }
    }
    let others = folder.file.names.filter { !claimed.contains($0) }
    guard others.isEmpty else {
      throw AdapterError.unexpectedTensors(file: source, names: others.map(\.text))
    }
    let parameters = try folder.config.optionalObject("lora_parameters")
    return try StoredAdapter(
      url, .mlx, modules,
      config: peftConfig(
        rank: folder.rank, alpha: folder.scale * Double(folder.rank), paths: modules.map(\.path),
        dropout: try parameters?.optionalDouble("dropout") ?? 0,
        hasMagnitudes: folder.hasMagnitudes,
        base: try folder.config.optionalString("model")),
      metadata: folder.file.metadata,
      facts: AdapterFacts(metadata: folder.file.metadata, file: source))
  }

  private static func module(
    _ name: String, _ down: StoredTensor, _ folder: MLXFolder
  ) throws -> StoredModule {
    let (file, path) = (folder.file.url.relativePath, MLXFolder.path(of: name))
    if ["embed_tokens", "wte", "wpe"].contains(path.split(separator: ".").last) {
      // mlx-lm's update of a table also changes the head that shares it; PEFT's does not.
      throw AdapterError.cannotExpress(form: "PEFT", what: "mlx-lm's update of \(path)")
    }
    guard let up = folder.file[TensorName(name + MLXFolder.upSuffix)] else {
      throw AdapterError.missingTensor(file: file, name: name + MLXFolder.upSuffix)
    }
    guard down.shape.rank == 2, down.shape[1] == folder.rank, down.shape[0] > 0 else {
      throw AdapterError.misshapenTensor(
        file: file, name: down.name.text, found: "\(down.shape)",
        expected: "[inputs, \(folder.rank)] by the rank in \(AdapterFolder.configName)")
    }
    guard up.shape.rank == 2, up.shape[0] == folder.rank, up.shape[1] > 0 else {
      throw AdapterError.misshapenTensor(
        file: file, name: up.name.text, found: "\(up.shape)", expected: "[\(folder.rank), outputs]"
      )
    }
    let magnitude = folder.file[TensorName(name + MLXFolder.magnitudeSuffix)]
    guard (magnitude != nil) == folder.hasMagnitudes else {
      let name = name + MLXFolder.magnitudeSuffix
      throw folder.hasMagnitudes
        ? AdapterError.missingTensor(file: file, name: name)
        : AdapterError.unexpectedTensors(file: file, names: [name])
    }
    guard magnitude.map({ $0.shape == [up.shape[1]] }) ?? true else {
      throw AdapterError.misshapenTensor(
        file: file, name: name + MLXFolder.magnitudeSuffix, found: "\(magnitude?.shape ?? [])",
        expected: "[\(up.shape[1])]")
    }
    return StoredModule(
      path: path, kind: .linear, down: FactorMatrix(down, arranged: .transposed),
      up: FactorMatrix(up, arranged: .transposed), magnitude: magnitude, scale: folder.scale)
  }

  /// PEFT's words for what another format says of an adapter.
  static func peftConfig(
    rank: Int, alpha: Double, paths: [String], dropout: Double = 0, hasMagnitudes: Bool = false,
    base: String? = nil
  ) -> JSONObject {
    [
      "peft_type": "LORA", "task_type": "CAUSAL_LM",
      "base_model_name_or_path": base.map { .string($0) } ?? .null, "inference_mode": true,
      "r": .integer(rank), "lora_alpha": .computed(alpha), "lora_dropout": .double(dropout),
      "use_rslora": false, "use_dora": .bool(hasMagnitudes), "bias": "none",
      "init_lora_weights": true, "modules_to_save": .null,
      "target_modules": .array(paths.map { .string($0) }),
      // GPT-2 stores its maps with inputs first, and no other model here does.
      "fan_in_fan_out": .bool(
        paths.contains { $0.utf8.starts(with: "transformer.h.".utf8) }),
    ]
  }
}
