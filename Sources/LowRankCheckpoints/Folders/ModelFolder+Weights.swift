import Foundation
import LowRankTorch

extension ModelFolder {
  static let weightsName = "model.safetensors"
  static let indexName = "model.safetensors.index.json"
  static let torchWeightsName = "pytorch_model.bin"
  static let torchIndexName = "pytorch_model.bin.index.json"

  /// The weights of a folder: those in one file where it is there, else the shards of the index, and files of torch only
  /// where there are no safetensors.
  static func weights(in folder: URL) throws -> [CheckpointFile] {
    for (single, index) in [(weightsName, indexName), (torchWeightsName, torchIndexName)] {
      let (single, index) = (folder.appending(path: single), folder.appending(path: index))
      if single.isFile { return [try CheckpointFile(at: single)] }
      if index.isFile { return try shards(of: JSONFile(at: index), in: folder) }
    }
    throw missingWeights(in: folder)
  }

  /// The shards that an index names, each of which must hold what the index says and nothing else.
  private static func shards(of index: JSONFile, in folder: URL) throws -> [CheckpointFile] {
    let map = try index.object("weight_map")
    var shards: [ExactText: CheckpointFile] = [:]
    for tensor in map.allKeys {
      let name = try map.string(tensor)
      guard !name.isEmpty, name != "..", !name.utf8.contains(UInt8(ascii: "/")) else {
        throw map.error(tensor, "must be the name of a file beside the index, found \"\(name)\"")
      }
      let shard = try shards[ExactText(name)] ?? openShard(name, in: folder)
      shards[ExactText(name)] = shard
      guard shard[TensorName(tensor)] != nil else {
        throw ModelFolderError(
          shard.url.relativePath, "lacks the tensor \"\(tensor)\", which the index places there")
      }
    }
    let inOrder = shards.sorted { $0.key < $1.key }
    for (name, shard) in inOrder {
      for tensor in shard.names where map[tensor.text] != .string(name.string) {
        throw ModelFolderError(
          shard.url.relativePath,
          "holds the tensor \"\(tensor)\", which the index does not place there")
      }
    }
    return inOrder.map(\.value)
  }

  private static func openShard(_ name: String, in folder: URL) throws -> CheckpointFile {
    let url = folder.appending(path: name)
    guard url.isFile else {
      throw ModelFolderError(folder.relativePath, "lacks the shard \"\(name)\" of its index")
    }
    return try CheckpointFile(at: url)
  }

  /// Why there are no weights, and what to do about it.
  private static func missingWeights(in folder: URL) -> ModelFolderError {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let pickles = names.filter { name in
      [".bin", ".pt", ".pth", ".ckpt", ".pkl"].contains { name.hasSuffix($0) }
    }
    guard let pickle = pickles.min() else {
      return ModelFolderError(
        folder.relativePath,
        "holds no weights: expected \(weightsName), \(torchWeightsName) or the index of either")
    }
    return ModelFolderError(
      folder.relativePath,
      """
      holds its weights only as \(pickle), which is read under no name but \(torchWeightsName): rename it if it is the \
      model's state, or convert it in Python if you trust it:
      \(TorchFileError.conversion(of: folder.appending(path: pickle).relativePath, to: "model"))
      """)
  }
}
