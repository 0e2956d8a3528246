import Foundation

/// Bytes in memory that grow at the end, up to a limit.
package final class GrowingBuffer {
  /// The number of bytes that were written.
  package private(set) var count = 0
  private var start: UnsafeMutableRawPointer?
  private var capacity = 0
  private var isOwned = true

  /// Creates an empty buffer.
  package init() {}

  deinit { if isOwned { free(start) } }

  /// What was written.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  /// The space behind what was written.
  package var space: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: start.map { $0 + count }, count: capacity - count)
  }

  /// Removes what was written, and keeps the memory.
  package func removeAll() { count = 0 }

  /// Makes room for a number of bytes in all; what was written stays.
  package func reserve(_ wanted: Int) throws(DecompressionError) {
    guard wanted > capacity else { return }
    guard let grown = realloc(start, wanted) else { throw .outOfMemory }
    (start, capacity) = (grown, wanted)
  }

  /// Doubles the space, to at most a number of bytes in all.
  package func grow(atMost most: Int) throws(DecompressionError) {
    try reserve(min(most, max(2 * capacity, 1 << 16)))
  }

  /// Counts bytes that were written into ``space``.
  package func advance(by written: Int) {
    precondition(written <= capacity - count, "\(written) bytes do not fit into the buffer")
    count += written
  }

  /// What was written, which the buffer gives away.
  package func take() -> Data {
    guard let start, count > 0 else { return Data() }
    isOwned = false
    return Data(bytesNoCopy: start, count: count, deallocator: .free)
  }
}
