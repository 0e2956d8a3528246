import Foundation
import LowRankCheckpoints
import LowRankTensors

extension StoredAdapter {
  /// Opens PEFT's folder.
  static func readingPEFT(_ url: URL, model: URL?, atMost rank: Int?) throws -> StoredAdapter {
    let folder = try AdapterFolder(at: url)
    let configuration = try AdapterConfiguration(peft: folder.config)
    guard configuration.method.dialect.holdsFactors else {
      return try readingForms(folder, configuration, model: model, atMost: rank)
    }
    var checked = configuration
    // An α of 0 makes an update of nothing, which may be looked at all the same.
    if checked.ranks.alpha == 0 { checked.ranks.alpha = 1 }
    checked.ranks.alphaPattern.removeAll { $0.value == 0 }
    if let problem = checked.removeSenseless(folder.config.source).first { throw problem }
    var (modules, claimed): ([StoredModule], Set<TensorName>) = ([], [])
    for tensor in folder.file.tensors {
      for kind in StoredModule.Kind.allCases {
        guard let stem = tensor.name.droppingSuffix(kind.downSuffix) else { continue }
        modules.append(try module(stem.text, kind, tensor, folder, configuration))
        claimed.formUnion([
          tensor.name, TensorName(stem.text + kind.upSuffix),
          TensorName(stem.text + StoredModule.magnitudeSuffix),
        ])
      }
    }
    let others = folder.file.tensors.filter {
      !claimed.contains($0.name) && !ConfigurationKey.isForTraining($0.name)
    }
    for tensor in others {
      for kind in StoredModule.Kind.allCases where tensor.name.hasSuffix(kind.upSuffix) {
        let stem = tensor.name.text.dropLast(kind.upSuffix.count)
        throw AdapterError.missingTensor(
          file: folder.file.url.relativePath, name: stem + kind.downSuffix)
      }
    }
    var config = folder.config.object
    // Tensors that only training needs are dropped, and so are their keys.
    for key in ["velora_config", "monteclora_config"] where config[key] != nil {
      config[key] = .null
    }
    return try StoredAdapter(
      url, .peft, modules, others: others, config: config, metadata: folder.file.metadata,
      facts: folder.facts)
  }

  /// Refuses DoRA without magnitudes, and magnitudes without DoRA or of the wrong shape.
  private static func magnitude(
    _ name: String, _ up: StoredTensor, _ folder: AdapterFolder
  ) throws(AdapterError) -> StoredTensor? {
    let file = folder.file.url.relativePath
    let tensor = folder.file[TensorName(name)]
    let isExpected = folder.config["use_dora"]?.bool == true
    guard (tensor != nil) == isExpected else {
      throw isExpected
        ? AdapterError.missingTensor(file: file, name: name)
        : AdapterError.unexpectedTensors(file: file, names: [name])
    }
    guard let tensor, tensor.shape != [up.shape[0]] else { return tensor }
    throw .misshapenTensor(
      file: file, name: name, found: "\(tensor.shape)", expected: "[\(up.shape[0])]")
  }

  private static func module(
    _ stem: String, _ kind: StoredModule.Kind, _ down: StoredTensor, _ folder: AdapterFolder,
    _ configuration: AdapterConfiguration
  ) throws -> StoredModule {
    let file = folder.file.url.relativePath
    guard let name = TensorName(stem).droppingPrefix(AdapterFolder.prefix) else {
      throw AdapterError.unexpectedTensors(file: file, names: [down.name.text])
    }
    let path = name.text
    guard let up = folder.file[TensorName(stem + kind.upSuffix)] else {
      throw AdapterError.missingTensor(file: file, name: stem + kind.upSuffix)
    }
    let rank = configuration.ranks.rank(of: path)
    guard down.shape.rank == 2, down.shape[0] == rank, down.shape[1] > 0 else {
      throw AdapterError.misshapenTensor(
        file: file, name: down.name.text, found: "\(down.shape)",
        expected: "[\(rank), inputs] by the rank in \(AdapterFolder.configName)")
    }
    guard up.shape.rank == 2, up.shape[1] == rank, up.shape[0] > 0 else {
      throw AdapterError.misshapenTensor(
        file: file, name: up.name.text, found: "\(up.shape)", expected: "[outputs, \(rank)]")
    }
    return StoredModule(
      path: path, kind: kind, down: FactorMatrix(down), up: FactorMatrix(up),
      magnitude: try magnitude(stem + StoredModule.magnitudeSuffix, up, folder),
      scale: configuration.ranks.exactScale(of: path))
  }
}
