import Foundation
import LowRankCheckpoints
import LowRankTensors

extension StoredAdapter {
  /// Opens PEFT's folder.
  static func readingPEFT(_ url: URL) throws -> StoredAdapter {
    let folder = try AdapterFolder(at: url)
    let configuration = try AdapterConfiguration(peft: folder.config)
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
    let others = folder.file.tensors.filter { !claimed.contains($0.name) }
    for tensor in others {
      for kind in StoredModule.Kind.allCases where tensor.name.hasSuffix(kind.upSuffix) {
        let stem = tensor.name.text.dropLast(kind.upSuffix.count)
        throw AdapterError.missingTensor(
          file: folder.file.url.relativePath, name: stem + kind.downSuffix)
      }
    }
    return try StoredAdapter(
      url, .peft, modules, others: others, config: folder.config.object,
      metadata: folder.file.metadata, facts: folder.facts)
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
      path: path, kind: kind, down: ThinFactor(down), up: ThinFactor(up),
      magnitude: folder.file[TensorName(stem + StoredModule.magnitudeSuffix)],
      scale: configuration.ranks.exactScale(of: path))
  }
}
