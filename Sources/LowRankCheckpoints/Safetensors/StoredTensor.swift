import LowRankTensors

/// A tensor as it lies in a mapped file: described, and read only when asked for.
public struct StoredTensor: Sendable {
  /// The name.
  public let name: TensorName
  /// How the elements are stored.
  public let type: StoredType
  /// The extents, row-major.
  public let shape: Shape
  /// The mapping that holds the bytes and keeps them valid.
  public let file: MappedFile
  /// Where the bytes lie in the file.
  public let range: Range<Int>

  /// The size in bytes.
  public var byteCount: Int { range.count }

  /// The bytes, little-endian, valid for as long as `file` is kept.
  public var borrowedBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: file.bytes[range])
  }

  /// Lends the bytes for the duration of a call.
  ///
  /// - Throws: `FileError` where the file was written to since it was opened, and what `body` throws.
  public func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try file.checkUnchanged()
    return try withExtendedLifetime(file) { try body(borrowedBytes) }
  }

  /// An error that says the type is not among those that can be read.
  func unreadable(as purpose: String) -> SafetensorsError {
    SafetensorsError(
      file.path, .type,
      "tensor \"\(name)\" is stored as \(type.rawValue), which cannot be read as \(purpose)")
  }
}
