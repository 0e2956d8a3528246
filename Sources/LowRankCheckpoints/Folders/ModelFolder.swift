import Foundation
import LowRankTensors

/// A model as Hugging Face lays it out: `config.json` beside weights in one file or in shards; or a GGUF file, seen as if
/// it were such a folder.
public struct ModelFolder: Sendable {
  /// Where the folder or the GGUF file lies.
  public let url: URL
  /// The content of `config.json`; of a GGUF file, what its metadata say as such.
  public let config: JSONFile
  /// The weights, mapped: one file, the shards in the order of their names, or the parts of a GGUF file under the names
  /// of transformers.
  public let files: [CheckpointFile]
  /// Every tensor of every file, in the order of their names.
  public let tensors: [StoredTensor]

  private let positions: [TensorName: Int]

  /// Whether the model is in a GGUF file.
  public var isGGUF: Bool { files.first?.format == .gguf }

  /// Opens a folder or a GGUF file and checks that its weights are complete; no tensor is read.
  ///
  /// - Throws: `ModelFolderError` where it is no model's folder or the index and the shards disagree;
  ///   `JSONError`, `SafetensorsError`, `GGUFError` and `FileError` about a file.
  public init(at url: URL) throws {
    self.url = url
    if Self.isGGUF(url) {
      let model = try GGUFModel(at: url)
      config = try model.config()
      files = [CheckpointFile(url, .gguf, try model.tensors(), metadata: [:])]
    } else {
      try finishInterruptedSave(in: url)
      try Self.checkFolder(url)
      config = try JSONFile(at: url.appending(path: "config.json"))
      files = try Self.weights(in: url)
    }
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

  /// Whether a place is to be read as a GGUF file: by its content, or by its name.
  package static func isGGUF(_ url: URL) -> Bool {
    GGUFFile.isGGUF(url) || url.pathExtension == "gguf" && url.isFile
  }

  /// Whether a place is a GGUF file, or a folder with `config.json`; neither is read any further.
  package static func isModel(_ url: URL) -> Bool {
    isGGUF(url) || url.appending(path: "config.json").isFile
  }

  /// The `config.json` of a folder, whether or not it holds weights, or what a GGUF file's metadata say as such.
  ///
  /// - Throws: `FileError`, `JSONError`, `GGUFError`.
  public static func config(at url: URL) throws -> JSONFile {
    isGGUF(url)
      ? try GGUFModel(at: url).config() : try JSONFile(at: url.appending(path: "config.json"))
  }

  private static func checkFolder(_ url: URL) throws(ModelFolderError) {
    func has(_ name: String) -> Bool { url.appending(path: name).isFile }
    let path = url.relativePath
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw ModelFolderError(path, "does not exist: expected a model's folder or a GGUF file")
    }
    guard url.isFolder else {
      throw ModelFolderError(
        path, "is a file: expected the folder of a model, with config.json, or a GGUF file")
    }
    guard !has("config.json") else { return }
    guard !has("adapter_config.json") else {
      throw ModelFolderError(path, "holds an adapter, not a model: expected config.json")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    if let name = names.filter({ $0.hasSuffix(".gguf") }).min() {
      throw ModelFolderError(
        path,
        "holds no config.json: to use a GGUF file in it, give the file, such as \(path)/\(name)")
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
