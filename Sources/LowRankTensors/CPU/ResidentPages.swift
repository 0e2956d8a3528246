import Foundation

/// The pages of a range of addresses that are in the memory of the process.
enum ResidentPages {
  /// The entries of the page table that are read at once.
  private static let batch = 1 << 12

  /// The bytes of a range that lie in resident pages; nil if the system does not tell.
  static func bytes(from start: UInt, count: Int) -> Int? {
    guard count > 0 else { return 0 }
    let table = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)
    guard table >= 0 else { return nil }
    defer { close(table) }
    let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
    let end = start + UInt(count)
    let last = (end - 1) / page
    var (next, sum) = (start / page, 0)
    var entries = [UInt64](repeating: 0, count: batch)
    while next <= last {
      let wanted = min(batch, Int(last - next) + 1)
      let read = entries.withUnsafeMutableBytes {
        pread(table, $0.baseAddress, 8 * wanted, off_t(8 * next))
      }
      guard read >= 8 else { return nil }
      for entry in entries.prefix(read / 8) {
        // The highest bit says that the page is in memory.
        if entry >> 63 == 1 { sum += Int(min(end, (next + 1) * page) - max(start, next * page)) }
        next += 1
      }
    }
    return sum
  }
}

extension CPUEngine {
  /// The bytes of a tensor that are in the memory of the process.
  ///
  /// Of a weight that is used in a mapped file, they are those of the pages that were touched or mapped with them.
  public func residentBytes(of tensor: Tensor) -> Int {
    let bytes = tensor.type.bytes(of: tensor.count)
    guard !buffer(tensor).isWritable else { return bytes }
    return ResidentPages.bytes(from: UInt(bitPattern: memory(tensor)), count: bytes) ?? bytes
  }
}
