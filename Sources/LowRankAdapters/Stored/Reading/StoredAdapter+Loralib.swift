import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension StoredAdapter {
  /// Opens a file of microsoft/LoRA for the base that it was trained on.
  ///
  /// Biases that were trained are kept as PEFT does. Copies of the base's weights, which a whole checkpoint has, are left
  /// out; weights that differ from the base's are refused.
  static func readingLoralib(
    _ url: URL, model: URL?, _ settings: LoralibSettings?
  ) throws -> StoredAdapter {
    let source = url.relativePath
    guard let settings, let model else {
      let file = try CheckpointFile(at: url)
      guard LoralibFile.isLoralib(file.names) else {
        throw AdapterError.notAnAdapter(
          folder: source, reason: "it is a file of torch without factors that loralib would name")
      }
      guard settings != nil else { throw AdapterError.needsConversion(file: source) }
      throw AdapterError.needsModel(
        file: source, why: "the file does not say how large the modules are")
    }
    guard Float(settings.alpha).isFinite, Float(settings.alpha) != 0 else {
      throw AdapterError.invalid(
        key: "alpha", value: "\(settings.alpha)", expected: "a finite number other than 0")
    }
    let base = try ModelFolder(at: model)
    let architecture = try Architectures.described(by: base.config)
    let file = try LoralibFile(at: url, for: architecture)
    let modules = try file.modules(settings)
    let biases = try file.trainedBiases(base, architecture)
    let rank = modules.map(\.rank).max() ?? 0
    var config = peftConfig(
      rank: rank, alpha: settings.alpha, paths: modules.map(\.path))
    config["base_model_name_or_path"] = .string(model.relativePath)
    config["bias"] = .string(biases.kind.rawValue)
    if !(architecture is CausalModel) { config["task_type"] = .null }
    return try StoredAdapter(
      url, .loralib, modules, others: biases.tensors, config: config, metadata: ["format": "pt"],
      facts: nil)
  }
}

extension LoralibFile {
  /// The biases that were trained, by PEFT's names, once copies of the base's weights are left out.
  ///
  /// - Throws: `AdapterError.unexpectedTensors` for anything else that is not the base's.
  fileprivate func trainedBiases(
    _ base: ModelFolder, _ architecture: any Architecture
  ) throws -> (kind: AdapterConfiguration.Bias, tensors: [StoredTensor]) {
    // Checkpoints of a backbone alone have names without its prefix.
    let prefix = try Architectures.prefix(base.config)
    func isCopy(_ tensor: StoredTensor) throws -> Bool {
      let own = base[tensor.name] ?? tensor.name.droppingPrefix(prefix).flatMap { base[$0] }
      guard let own, own.shape == tensor.shape else { return false }
      return try own.floats() == tensor.floats()
    }
    let adapted = Set(pairs.map(\.path))
    var modules: Set<String> = []
    for site in architecture.sites { modules.insert(site.path) }
    func module(of tensor: StoredTensor) -> String? {
      tensor.name.droppingSuffix(".bias").map(\.text).flatMap { modules.contains($0) ? $0 : nil }
    }
    let differing = try others.filter { try !isCopy($0) }
    let strays = differing.filter { module(of: $0) == nil }.map(\.name.text)
    guard strays.isEmpty else {
      throw AdapterError.unexpectedTensors(file: file.url.relativePath, names: strays)
    }
    guard !differing.isEmpty else { return (.none, []) }
    // Of trained biases all are kept, also those that happen to be the base's still.
    let biases = others.filter { module(of: $0) != nil }
    let isLoraOnly = biases.allSatisfy { module(of: $0).map(adapted.contains) == true }
    return (
      isLoraOnly ? .loraOnly : .all,
      biases.map { tensor in
        let path = module(of: tensor) ?? ""
        let infix = adapted.contains(path) ? ".base_layer" : ""
        return tensor.renamed(TensorName("\(AdapterFolder.prefix)\(path)\(infix).bias"))
      }
    )
  }
}
