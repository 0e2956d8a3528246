import CKernels
import Synchronization

/// An allocator that keeps what is freed: a training step asks for the same sizes again and again, and
/// fresh pages cost as much as the arithmetic on them.
///
/// Blocks are aligned to 64 bytes and at most an eighth larger than asked for. What lies idle is given back to the
/// system, longest idle first, where a new block would let the pool hold more than a quarter over its peak.
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

  deinit { trim() }

  /// What the pool holds now, and held at most.
  public var usage: Usage { state.withLock { $0.usage } }

  /// The most bytes that are held where it can be helped; nil for a quarter over the peak.
  ///
  /// What lies idle is given back before more is taken.
  public var limit: Int? {
    get { state.withLock { $0.limit } }
    set { state.withLock { $0.limit = newValue } }
  }

  /// Starts measuring the peak anew.
  public func resetPeak() { state.withLock { $0.usage.peak = $0.usage.inUse } }

  /// Returns all idle memory to the system.
  public func trim() { state.withLock { $0.release(downTo: $0.usage.inUse) } }

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

  /// The size of the block that serves a request: eighths of a power of two, at least 64 bytes.
  static func blockSize(for bytes: Int) -> Int {
    let bytes = max(bytes, 64)
    let powerOfTwo = 1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount)
    let step = max(64, powerOfTwo / 8)
    return (bytes + step - 1) / step * step
  }
}

extension BufferPool {
  private struct Block {
    let address: UInt
    let freed: UInt64
  }

  private struct State {
    var usage = Usage()
    var limit: Int?
    private var idle: [Int: [Block]] = [:]
    private var clock: UInt64 = 0

    mutating func allocate(_ size: Int) -> UInt {
      usage.inUse += size
      usage.peak = max(usage.peak, usage.inUse)
      if let block = idle[size]?.popLast() { return block.address }
      release(downTo: (limit ?? max(usage.peak + usage.peak / 4, 1 << 26)) - size)
      usage.held += size
      return UInt(bitPattern: lr_pages(size))
    }

    mutating func deallocate(_ address: UInt, _ size: Int) {
      usage.inUse -= size
      clock += 1
      idle[size, default: []].append(Block(address: address, freed: clock))
    }

    /// Gives back what has been idle longest until no more than `limit` is held or nothing is idle.
    mutating func release(downTo limit: Int) {
      guard usage.held > limit else { return }
      let oldest = idle.flatMap { size, blocks in blocks.map { (block: $0, size: size) } }
        .sorted { $0.block.freed < $1.block.freed }
      for (block, size) in oldest {
        guard usage.held > limit else { return }
        lr_free_pages(UnsafeMutableRawPointer(bitPattern: block.address), size)
        idle[size]?.removeFirst()
        usage.held -= size
      }
    }
  }
}
