import Foundation

extension ModelFolder {
  /// Writes weights into a folder: `model.safetensors`, or shards and their index.
  ///
  /// There are shards where the tensors take more than `shardLimit` bytes. They are filled in the
  /// order given; a tensor larger than the limit has a shard of its own.
  ///
  /// - Throws: as `SafetensorsFile.write`; `SafetensorsError` where two tensors have one name.
  public static func writeWeights(
    _ tensors: [TensorSource], metadata: JSONObject = ["format": "pt"],
    shardLimit: Int = 5_000_000_000, to folder: URL
  ) throws {
    let shards = split(tensors, at: shardLimit)
    guard shards.count > 1 else {
      return try SafetensorsFile.write(
        tensors, metadata: metadata, to: folder.appending(path: weightsName))
    }
    let index = folder.appending(path: indexName)
    var map = JSONObject()
    for (position, shard) in shards.enumerated() {
      let name = "model-\(fiveDigits(position + 1))-of-\(fiveDigits(shards.count)).safetensors"
      for tensor in shard {
        guard map.insert(tensor.name.text, .string(name)) else {
          throw SafetensorsError(
            index.relativePath, .name, "two tensors cannot have the name \"\(tensor.name)\"")
        }
      }
      try SafetensorsFile.write(shard, metadata: metadata, to: folder.appending(path: name))
    }
    let size = tensors.reduce(0) { $0 + $1.byteCount }
    let content: JSONValue = [
      "metadata": ["total_size": .integer(size)], "weight_map": .object(map),
    ]
    try content.write(to: index, .sorted)
  }

  private static func split(_ tensors: [TensorSource], at limit: Int) -> [[TensorSource]] {
    var shards: [[TensorSource]] = []
    var size = 0
    for tensor in tensors {
      if shards.isEmpty || size + tensor.byteCount > limit {
        shards.append([])
        size = 0
      }
      shards[shards.count - 1].append(tensor)
      size += tensor.byteCount
    }
    return shards
  }

  private static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
