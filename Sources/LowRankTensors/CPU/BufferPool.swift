import CKernels
import Synchronization

/// An allocator that keeps what is freed: a training step asks for the same sizes again and again, and
/// fresh pages cost as much as the arithmetic on them.
///
/// Blocks are aligned to 64 bytes and at most an eighth larger than asked for. All but the smallest are cut out of one
/// range of addresses, so blocks of one size take the place of blocks of another.
public final class BufferPool: Sendable {
  /// What a pool holds, in bytes.
  public struct Usage: Hashable, Sendable {
    /// The bytes of living buffers.
    public var inUse = 0
    /// The most bytes of buffers that lived at one time.
    public var peak = 0
    /// The bytes taken from the system, living and idle.
    public var held = 0
  }

  private let state = Mutex(State())

  /// A pool that holds nothing yet.
  public init() {}

  deinit { state.withLock { $0.close() } }

  /// What the pool holds now, and held at most.
  public var usage: Usage { state.withLock { $0.usage } }

  /// The most bytes that are held where it can be helped; nil for all that was ever taken.
  ///
  /// What lies idle is given back before more is taken.
  public var limit: Int? {
    get { state.withLock { $0.limit } }
    set { state.withLock { $0.limit = newValue } }
  }

  /// Starts measuring the peak anew.
  public func resetPeak() { state.withLock { $0.usage.peak = $0.usage.inUse } }

  /// Returns all idle memory to the system.
  public func trim() { state.withLock { $0.trim() } }

  /// A block of at least the given size; its content is undefined.
  func allocate(_ bytes: Int) -> (memory: UnsafeMutableRawPointer, size: Int) {
    let size = Self.blockSize(for: bytes)
    let address = state.withLock { $0.allocate(size) }
    guard let memory = UnsafeMutableRawPointer(bitPattern: address) else {
      preconditionFailure("no memory for \(bytes) bytes beside \(usage)")
    }
    return (memory, size)
  }

  /// Takes back a block of the given size.
  func deallocate(_ memory: UnsafeMutableRawPointer, size: Int) {
    let address = UInt(bitPattern: memory)
    state.withLock { $0.deallocate(address, size) }
  }

  /// The size of the largest small block.
  static let largestSmall = 1 << 11

  /// The size of the block that serves a request: eighths of a power of two for small ones, at least 64 bytes, and
  /// multiples of 256 bytes beyond.
  static func blockSize(for bytes: Int) -> Int {
    let bytes = max(bytes, 64)
    let powerOfTwo = 1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount)
    let step = min(max(64, powerOfTwo / 8), 256)
    return (bytes + step - 1) / step * step
  }
}

extension BufferPool {
  private struct State {
    var limit: Int?
    private var counts = Usage()
    private var arena = Arena()
    /// Small blocks that lie idle, by their size.
    private var idle: [Int: [UInt]] = [:]
    private var small = 0

    var usage: Usage {
      get {
        var usage = counts
        usage.held = small + arena.held
        return usage
      }
      set { counts = newValue }
    }

    mutating func allocate(_ size: Int) -> UInt {
      counts.inUse += size
      counts.peak = max(counts.peak, counts.inUse)
      guard size > BufferPool.largestSmall else {
        if let address = idle[size]?.popLast() { return address }
        small += size
        return UInt(bitPattern: lr_block(size))
      }
      if let limit {
        let excess = small + arena.held + arena.growth(for: size) - limit
        if excess > 0 { arena.release(downTo: max(0, arena.held - excess)) }
      }
      return arena.allocate(size) ?? 0
    }

    mutating func deallocate(_ address: UInt, _ size: Int) {
      counts.inUse -= size
      guard size > BufferPool.largestSmall else { return idle[size, default: []].append(address) }
      arena.deallocate(address, size)
    }

    mutating func trim() {
      arena.release(downTo: 0)
      for (size, blocks) in idle {
        small -= size * blocks.count
        for block in blocks { lr_free_block(UnsafeMutableRawPointer(bitPattern: block)) }
      }
      idle = [:]
    }

    mutating func close() {
      trim()
      arena.close()
    }
  }
}
