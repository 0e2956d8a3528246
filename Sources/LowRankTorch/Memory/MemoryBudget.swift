/// The memory that reading one file may take, counted before it is allocated.
///
/// A file may ask for four times its own size, and a small one for ``least``. Whatever its lengths claim, reading it
/// never takes more.
final class MemoryBudget {
  /// What any file may take, in bytes.
  static let least = 1 << 16

  /// What stays for the allocator's own headers, and for errors.
  private static let margin = 4096

  /// The most that reading may allocate at once.
  let limit: Int
  private(set) var used = 0

  /// The budget of a file of this size.
  init(fileSize: Int) { limit = max(Self.least, 4 * fileSize) }

  /// Counts bytes that are about to be allocated.
  ///
  /// - Throws: `TorchFault.refused` where the file asks for more than it may.
  func take(_ bytes: Int) throws(TorchFault) {
    guard bytes <= limit - Self.margin - used else { throw exceeded }
    used += bytes
  }

  /// Why a file is refused that asks for more.
  var exceeded: TorchFault {
    .refused("asks for more than \(limit) bytes of memory, four times its size")
  }

  /// Counts bytes that were freed.
  func release(_ bytes: Int) { used -= bytes }
}
