/// The memory that reading one file may take, counted before it is allocated.
///
/// A file may ask for four times its own size, and a small one for ``least``. Whatever its lengths claim, reading it
/// never takes more.
final class MemoryBudget {
  /// What any file may take, in bytes.
  static let least = 1 << 16

  /// The most that may be taken at once.
  let limit: Int
  private(set) var used = 0

  /// The budget of a file of this size.
  init(fileSize: Int) { limit = max(Self.least, 4 * fileSize) }

  /// Counts bytes that are about to be allocated.
  ///
  /// - Throws: `TorchFault.refused` where the file asks for more than it may.
  func take(_ bytes: Int) throws(TorchFault) {
    guard bytes <= limit - used else {
      throw .refused("asks for more than \(limit) bytes of memory, four times its size")
    }
    used += bytes
  }

  /// Counts bytes that were freed.
  func release(_ bytes: Int) { used -= bytes }
}
