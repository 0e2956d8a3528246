import Foundation
import LowRankCheckpoints
import LowRankTensors

/// An adapter as its folder holds it, opened without a base: thin factors and their scales.
///
/// What looks at updates, or changes their rank, needs no more.
public struct StoredAdapter: Sendable {
  /// The folder.
  public let folder: AdapterFolder
  /// What its configuration says.
  public let configuration: AdapterConfiguration
  /// The adapted modules, by path.
  public let modules: [StoredModule]
  /// The other tensors, in the order of the file: biases and modules that were trained whole.
  public let others: [StoredTensor]

  /// Opens a folder and pairs its factors; no number is read.
  ///
  /// - Throws: `AdapterError` where a factor lacks its partner or has another shape than rank and partner ask for, and what
  ///   opening the folder and reading its configuration throws.
  public init(at url: URL) throws {
    folder = try AdapterFolder(at: url)
    configuration = try AdapterConfiguration(peft: folder.config)
    var (modules, claimed): ([StoredModule], Set<TensorName>) = ([], [])
    for tensor in folder.file.tensors {
      for kind in StoredModule.Kind.allCases {
        guard let stem = tensor.name.droppingSuffix(kind.downSuffix) else { continue }
        let module = try Self.module(stem.text, kind, tensor, folder, configuration)
        modules.append(module)
        claimed.formUnion([tensor.name, module.up.name])
        if let magnitude = module.magnitude { claimed.insert(magnitude.name) }
      }
    }
    let factors = StoredModule.Kind.allCases.flatMap { [$0.downSuffix, $0.upSuffix] }
    let others = folder.file.tensors.filter { !claimed.contains($0.name) }
    for tensor in others {
      guard let suffix = factors.first(where: { tensor.name.hasSuffix($0) }) else { continue }
      let stem = String(tensor.name.text.dropLast(suffix.count))
      let kind: StoredModule.Kind = suffix.hasPrefix(".lora_embedding") ? .embedding : .linear
      throw AdapterError.missingTensor(
        file: folder.file.url.relativePath, name: stem + kind.downSuffix)
    }
    guard !modules.isEmpty else {
      throw AdapterError.notAnAdapter(
        folder: url.relativePath, reason: "its file holds no low-rank factors")
    }
    self.modules = modules.sorted { modulePath($0.path, precedes: $1.path) }
    self.others = others
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
      path: path, kind: kind, down: down, up: up,
      magnitude: folder.file[TensorName(stem + ".lora_magnitude_vector")],
      scale: configuration.ranks.exactScale(of: path))
  }

  /// The parameters of the factors.
  public var factorParameters: Int {
    modules.reduce(0) { $0 + $1.rank * $1.parametersPerRank }
  }
}
