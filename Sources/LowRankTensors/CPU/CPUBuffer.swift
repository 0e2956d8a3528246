/// Memory that the CPU reads and writes: a block of a pool, or a part of somebody else's that is only read.
final class CPUBuffer: TensorStorage, @unchecked Sendable {
  let memory: UnsafeMutableRawPointer
  private let size: Int
  private let pool: BufferPool?
  private let owner: (any AnyObject & Sendable)?

  /// A block of at least the given number of bytes, its content undefined.
  init(bytes: Int, from pool: BufferPool) {
    (memory, size) = pool.allocate(bytes)
    self.pool = pool
    owner = nil
    super.init()
  }

  /// Memory that `owner` keeps; it is never written.
  init(reading bytes: UnsafeRawPointer, owner: any AnyObject & Sendable) {
    memory = UnsafeMutableRawPointer(mutating: bytes)
    size = 0
    pool = nil
    self.owner = owner
    super.init()
  }

  deinit { pool?.deallocate(memory, size: size) }

  /// Whether an operation in place may write here.
  var isWritable: Bool { pool != nil }
}
