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

  /// Lends the bytes in pieces of at most a size, and removes each from the memory of the process afterwards.
  ///
  /// - Throws: as ``withBytes(_:)``.
  func withPieces(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    for piece in pieces() {
      defer { piece.forget() }
      try piece.withBytes(body)
    }
  }

  /// The bytes in pieces of at most a size, each under the name and the shape of the whole.
  package func pieces(of size: Int = 1 << 24) -> [StoredTensor] {
    stride(from: range.lowerBound, to: range.upperBound, by: size).map { start in
      StoredTensor(
        name: name, type: type, shape: shape, file: file,
        range: start..<min(start + size, range.upperBound))
    }
  }

  /// Removes the bytes from the memory of the process, unless they exist only there.
  ///
  /// They are read from the file again where they are used.
  package func forget() { file.forget(range) }

  /// Some of the elements, in the order of the file, as a tensor of their own.
  package func elements(_ elements: Range<Int>) -> StoredTensor {
    let size = type.bits / 8
    let start = range.lowerBound + elements.lowerBound * size
    return StoredTensor(
      name: name, type: type, shape: [elements.count], file: file,
      range: start..<start + elements.count * size)
  }

  /// An error that says the type is not among those that can be read.
  func unreadable(as purpose: String) -> SafetensorsError {
    SafetensorsError(
      file.path, .type,
      "tensor \"\(name)\" is stored as \(type.rawValue), which cannot be read as \(purpose)")
  }
}
