import Foundation
import LowRankTensors

extension StoredTensor {
  /// A tensor whose bytes are made now and stay in memory, as if a file held them.
  ///
  /// - Parameter file: what they were made of, which errors name.
  /// - Throws: what producing the bytes throws.
  package init(producing source: TensorSource, of file: MappedFile) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.byteCount)
    try source.produce { bytes += $0 }
    precondition(bytes.count == source.byteCount, "\(source.name) has \(bytes.count) bytes")
    let kept = KeptBytes(bytes)
    self.init(
      name: source.name, type: source.type, shape: source.shape,
      file: MappedFile(kept.bytes, keptBy: kept, of: file), range: 0..<bytes.count)
  }

  /// The tensor under another name.
  package func renamed(_ name: TensorName) -> StoredTensor {
    StoredTensor(name: name, type: type, shape: shape, file: file, range: range)
  }
}

/// Bytes that stay where they are.
private final class KeptBytes: Sendable {
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(_ bytes: [UInt8]) {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, bytes.count), alignment: 64)
    memory.copyBytes(from: bytes)
    self.bytes = UnsafeRawBufferPointer(rebasing: memory[..<bytes.count])
  }

  deinit { bytes.deallocate() }
}
