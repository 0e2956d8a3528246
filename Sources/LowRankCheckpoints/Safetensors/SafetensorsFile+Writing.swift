import Foundation
import LowRankProgress
import LowRankTensors

extension SafetensorsFile {
  /// Writes tensors to a file, one after the other, holding none of them in memory.
  ///
  /// They stand in the order of the format's own library: the widest types first, so that each lies
  /// aligned, then by name. The first begins at a multiple of 64 bytes, a line of the cache.
  ///
  /// The file is complete only when this returns; publish the folder, or the file, that holds it.
  ///
  /// - Parameter metadata: strings by name. Readers in Python expect `format` to be `pt`.
  /// - Throws: `FileError`, what a source throws, and `SafetensorsError` where two tensors have one
  ///   name or the header would exceed 100 MB.
  public static func write(
    _ tensors: [TensorSource], metadata: JSONObject = ["format": "pt"], to url: URL
  ) throws {
    let tensors = tensors.sorted { ($0.type.order, $1.name) > ($1.type.order, $0.name) }
    let header = try headerBytes(of: tensors, metadata: metadata, path: url.relativePath)
    let work = Work(
      "writing \(url.lastPathComponent)", of: tensors.reduce(0) { $0 + $1.byteCount }, .bytes)
    defer { work.end() }
    let file = try OutputFile(at: url)
    try file.write(header)
    for tensor in tensors {
      var count = 0
      try tensor.produce { bytes in
        count += bytes.count
        precondition(
          count <= tensor.byteCount,
          "\(tensor.name) takes \(tensor.byteCount) bytes and was given \(count)")
        try file.write(bytes)
        work.advance(by: bytes.count)
      }
      precondition(
        count == tensor.byteCount,
        "\(tensor.name) takes \(tensor.byteCount) bytes and was given \(count)")
    }
    try file.close()
  }

  private static func headerBytes(
    of tensors: [TensorSource], metadata: JSONObject, path: String
  ) throws(SafetensorsError) -> [UInt8] {
    precondition(
      metadata.entries.allSatisfy { $0.value.string != nil },
      "metadata are strings: \(metadata.keys)")
    var header = JSONObject()
    if !metadata.isEmpty { header[SafetensorsHeader.metadataKey] = .object(metadata) }
    var end = 0
    for tensor in tensors {
      let start = end
      end += tensor.byteCount
      let entry: JSONObject = [
        "dtype": .string(tensor.type.rawValue),
        "shape": .array(tensor.shape.extents.map(JSONValue.integer)),
        "data_offsets": [.integer(start), .integer(end)],
      ]
      let name = tensor.name.text
      guard name != SafetensorsHeader.metadataKey, header.insert(name, .object(entry)) else {
        throw SafetensorsError(path, .name, "two tensors cannot have the name \"\(name)\"")
      }
    }
    var text = JSONValue.object(header).bytes()
    text += repeatElement(UInt8(ascii: " "), count: 63 - (text.count + 8 + 63) % 64)
    guard text.count <= SafetensorsHeader.longest else {
      throw SafetensorsError(
        path, .headerLength,
        "a header of \(text.count) bytes exceeds the \(SafetensorsHeader.longest) allowed")
    }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
  }
}
