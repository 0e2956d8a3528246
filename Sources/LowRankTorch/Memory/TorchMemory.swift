/// Bytes of a tensor that do not stand in the file as they are wanted: unpacked, put in order, or swapped.
package final class TorchMemory: Sendable {
  /// The bytes, which nobody writes once they are handed out.
  nonisolated(unsafe) package let bytes: UnsafeRawBufferPointer

  /// Fills new memory.
  ///
  /// - Throws: `TorchFault` where the budget is used up, and what `fill` throws.
  init(
    count: Int, _ budget: MemoryBudget,
    _ fill: (UnsafeMutableRawBufferPointer) throws(TorchFault) -> Void
  ) throws(TorchFault) {
    try budget.take(count)
    // Aligned as a mapped page would be for every element and for the kernels.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 64)
    bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: count)
    try fill(UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: count))
  }

  deinit { bytes.deallocate() }
}
