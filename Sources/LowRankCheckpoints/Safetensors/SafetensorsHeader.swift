import LowRankTensors

/// The header of a safetensors file, with every rule of the format checked.
///
/// A file is `n` as eight little-endian bytes, `n` bytes of JSON, and the tensors' bytes:
/// `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__": {…}}`.
struct SafetensorsHeader {
  /// A tensor: its name, its type, and where its bytes are.
  struct Entry {
    let name: TensorName
    let type: StoredType
    let shape: Shape
    /// The tensor's bytes, counted from the end of the header.
    var range: Range<Int>
  }

  /// The longest header that the format allows, in bytes.
  static let longest = 100_000_000

  /// The tensors in the order of their bytes.
  let entries: [Entry]
  /// Free text about the file: strings by name.
  let metadata: JSONObject
  /// Where the tensors' bytes begin in the file.
  let dataStart: Int

  /// Reads the header at the beginning of a file.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - path: what errors call it.
  /// - Throws: `SafetensorsError` that names the rule that is broken.
  init(of bytes: UnsafeRawBufferPointer, at path: String) throws(SafetensorsError) {
    let length = try Self.length(in: bytes, at: path)
    dataStart = 8 + length
    let text = UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart])
    let header: JSONValue
    do throws(JSONError) {
      header = try JSONValue(parsing: text)
    } catch {
      throw SafetensorsError(path, .headerText, "the header is not valid JSON: \(error)")
    }
    guard let header = header.object else {
      throw SafetensorsError(path, .headerText, "the header is \(header.kind), not an object")
    }
    metadata = try Self.metadata(in: header, at: path)
    var entries: [Entry] = []
    for (key, value) in header.entries where key != Self.metadataKey {
      entries.append(try Entry(TensorName(key), value, at: path))
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    self.entries = entries
    try checkLayout(fileSize: bytes.count, at: path)
  }

  /// The key of the header under which free text about the file stands.
  static let metadataKey = "__metadata__"

  private static func length(
    in bytes: UnsafeRawBufferPointer, at path: String
  ) throws(SafetensorsError) -> Int {
    guard bytes.count >= 8 else {
      throw SafetensorsError(
        path, .headerLength, "the file has \(bytes.count) bytes, fewer than the 8 it begins with")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= longest else {
      throw SafetensorsError(
        path, .headerLength,
        "the header claims \(length) bytes, more than \(longest): this is no safetensors file")
    }
    guard length <= bytes.count - 8 else {
      throw SafetensorsError(
        path, .headerLength,
        "the header claims \(length) bytes, but \(bytes.count - 8) follow: the file is cut short")
    }
    return Int(length)
  }

  private static func metadata(
    in header: JSONObject, at path: String
  ) throws(SafetensorsError) -> JSONObject {
    guard let value = header[metadataKey], value != .null else { return JSONObject() }
    guard let metadata = value.object else {
      throw SafetensorsError(
        path, .metadata, "\(metadataKey) must be an object, found \(value.kind)")
    }
    for (key, value) in metadata.entries where value.string == nil {
      throw SafetensorsError(
        path, .metadata, "\(metadataKey) must hold strings, found \(value.kind) at \"\(key)\"")
    }
    return metadata
  }

  private func checkLayout(fileSize: Int, at path: String) throws(SafetensorsError) {
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw SafetensorsError(
          path, .layout,
          "tensor \"\(entry.name)\" begins at byte \(entry.range.lowerBound), expected \(end): "
            + (entry.range.lowerBound < end ? "tensors overlap" : "there is a hole"))
      }
      end = entry.range.upperBound
    }
    let available = fileSize - dataStart
    guard end == available else {
      throw SafetensorsError(
        path, .end,
        "the header describes \(end) bytes of tensors, but \(available) follow it: "
          + (end > available ? "the file is cut short" : "something else was appended"))
    }
  }
}

extension SafetensorsHeader.Entry {
  fileprivate init(
    _ name: TensorName, _ value: JSONValue, at path: String
  ) throws(SafetensorsError) {
    func fault(_ rule: SafetensorsError.Rule, _ problem: String) -> SafetensorsError {
      SafetensorsError(path, rule, "tensor \"\(name)\": \(problem)")
    }
    guard let entry = value.object else {
      throw fault(.entry, "expected an object, found \(value.kind)")
    }
    guard let typeName = entry["dtype"]?.string else {
      throw fault(.entry, "dtype must be a string")
    }
    guard let type = StoredType(rawValue: typeName), !type.isBlocked else {
      throw fault(.entry, "the dtype \"\(typeName)\" is unknown")
    }
    guard let extents = entry["shape"]?.elements(\.integer), extents.allSatisfy({ $0 >= 0 }) else {
      throw fault(.entry, "shape must be a list of 64-bit integers from zero")
    }
    guard let offsets = entry["data_offsets"]?.elements(\.integer), offsets.count == 2,
      offsets[0] >= 0, offsets[0] <= offsets[1]
    else { throw fault(.entry, "data_offsets must be two 64-bit integers from zero, in order") }
    let shape = Shape(extents)
    guard let size = type.bytes(of: shape) else {
      throw fault(.size, "\(typeName) \(shape) takes no whole or no possible number of bytes")
    }
    guard size == offsets[1] - offsets[0] else {
      throw fault(
        .size,
        "\(typeName) \(shape) takes \(size) bytes, but data_offsets leave \(offsets[1] - offsets[0])"
      )
    }
    self.init(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }
}
