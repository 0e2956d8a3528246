import Foundation
import LowRankTensors

/// A model as Hugging Face lays it out: `config.json` beside weights in one file or in shards.
public struct ModelFolder: Sendable {
  /// Where the folder lies.
  public let url: URL
  /// The content of `config.json`.
  public let config: JSONFile
  /// The weights, mapped: one file, or the shards in the order of their names.
  public let files: [CheckpointFile]
  /// Every tensor of every file, in the order of their names.
  public let tensors: [StoredTensor]

  private let positions: [TensorName: Int]

  /// Opens a folder and checks that its weights are complete; no tensor is read.
  ///
  /// - Throws: `ModelFolderError` where it is no model's folder or the index and the shards disagree;
  ///   `JSONError`, `SafetensorsError` and `FileError` about a file in it.
  public init(at url: URL) throws {
    self.url = url
    try finishInterruptedSave(in: url)
    try Self.checkFolder(url)
    config = try JSONFile(at: url.appending(path: "config.json"))
    files = try Self.weights(in: url)
    tensors = files.flatMap(\.tensors).sorted { $0.name < $1.name }
    var positions: [TensorName: Int] = [:]
    for (position, tensor) in tensors.enumerated() {
      guard positions.updateValue(position, forKey: tensor.name) == nil else {
        throw ModelFolderError(
          url.relativePath, "holds the tensor \"\(tensor.name)\" in more than one shard")
      }
    }
    self.positions = positions
  }

  /// The names of the tensors, in order.
  public var names: [TensorName] { tensors.map(\.name) }

  /// The size of all tensors, in bytes.
  public var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  /// The tensor of a name, where there is one.
  public subscript(name: TensorName) -> StoredTensor? { positions[name].map { tensors[$0] } }

  /// The tensor of a name.
  ///
  /// - Throws: `ModelFolderError` where there is none.
  public func tensor(_ name: TensorName) throws(ModelFolderError) -> StoredTensor {
    guard let tensor = self[name] else {
      throw ModelFolderError(url.relativePath, "holds no tensor \"\(name)\"")
    }
    return tensor
  }

  private static func checkFolder(_ url: URL) throws(ModelFolderError) {
    func has(_ name: String) -> Bool { url.appending(path: name).isFile }
    let path = url.relativePath
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw ModelFolderError(path, "does not exist: expected a model's folder")
    }
    guard url.isFolder else {
      throw ModelFolderError(path, "is a file: expected the folder of a model, with config.json")
    }
    guard !has("config.json") else { return }
    guard !has("adapter_config.json") else {
      throw ModelFolderError(path, "holds an adapter, not a model: expected config.json")
    }
    throw ModelFolderError(path, "is not the folder of a model: it holds no config.json")
  }
}

extension URL {
  /// Whether a regular file is there, or a link to one.
  var isFile: Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Whether a folder is there, or a link to one.
  var isFolder: Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
