import Foundation
import Synchronization

/// A file seen as bytes in memory, read by the system page by page where it is touched.
///
/// The mapping is private and read-only, and lasts as long as the object. A file replaced by renaming
/// another over it stays readable; one that shrinks in place does not, see `checkUnchanged`.
public final class MappedFile: Sendable {
  /// How pages are going to be used, so that the system can prepare.
  public enum Access: Sendable {
    /// All of it soon: read ahead now.
    case soon
    /// From the beginning to the end, once.
    case sequential
  }

  /// Where the file lay when it was opened.
  public let url: URL
  /// The content, which nobody writes, so that threads may share it.
  public var bytes: UnsafeRawBufferPointer { made?.bytes ?? mapped }

  /// The path of the file, as it was given.
  public var path: String { url.relativePath }

  nonisolated(unsafe) private let mapped: UnsafeRawBufferPointer
  /// The content, if it is made of another file's when it is first read.
  private let made: MadeBytes?
  /// The open file, or -1 where the bytes are in memory.
  private let descriptor: Int32
  private let opened: State?
  /// What the bytes were made of, and what keeps them.
  private let source: (file: MappedFile, owner: any Sendable)?

  /// Maps a regular file.
  ///
  /// - Throws: `FileError` with the system's reason.
  public init(at url: URL) throws(FileError) {
    let path = url.relativePath
    // Without O_NONBLOCK opening a named pipe would wait for somebody to write to it.
    descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    (source, made) = (nil, nil)
    guard descriptor >= 0 else { throw FileError("read", path) }
    do throws(FileError) {
      guard let state = State(of: descriptor) else { throw FileError("read", path) }
      guard state.isRegular else {
        throw FileError(
          "read", path, reason: state.isFolder ? "it is a folder" : "it is not a regular file")
      }
      opened = state
      guard state.size > 0 else {
        mapped = UnsafeRawBufferPointer(start: nil, count: 0)
        self.url = url
        return
      }
      let address = mmap(nil, state.size, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let address, address != MAP_FAILED else { throw FileError("read", path) }
      mapped = UnsafeRawBufferPointer(start: address, count: state.size)
      self.url = url
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Bytes in memory that were made of a file's content and go by its name.
  ///
  /// - Parameter owner: keeps the bytes where they are.
  package init(_ bytes: UnsafeRawBufferPointer, keptBy owner: any Sendable, of file: MappedFile) {
    (mapped, made, url, descriptor, opened) = (bytes, nil, file.url, -1, nil)
    source = (file, owner)
  }

  /// Bytes that are made of a file's content when they are first read, and go by its name.
  ///
  /// - Parameters:
  ///   - count: their number.
  ///   - make: fills the memory.
  package init(
    count: Int, of file: MappedFile,
    making make: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void
  ) {
    (mapped, url, descriptor, opened) = (.init(start: nil, count: 0), file.url, -1, nil)
    made = MadeBytes(count: count, make)
    source = (file, file)
  }

  deinit {
    guard descriptor >= 0 else { return }
    if let address = mapped.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: address), mapped.count)
    }
    close(descriptor)
  }

  /// Throws where the file was written to since it was opened.
  ///
  /// Touching a page that is no longer there ends the process, so ask before reading at length.
  public func checkUnchanged() throws(FileError) {
    if let source { return try source.file.checkUnchanged() }
    guard State(of: descriptor) == opened else {
      throw FileError("read", path, reason: "it changed while it was open")
    }
  }

  /// Tells the system how the file is going to be read; a hint, without effect on what is read.
  public func advise(_ access: Access) {
    guard descriptor >= 0, let address = bytes.baseAddress else { return }
    let advice = access == .soon ? MADV_WILLNEED : MADV_SEQUENTIAL
    _ = madvise(UnsafeMutableRawPointer(mutating: address), bytes.count, Int32(advice))
  }

  /// Removes pages from the memory of the process; they are read again where they are touched.
  ///
  /// Where a byte is touched, Linux maps pages around it too, up to a folio of 2 MB; those are removed as well.
  /// - Parameter range: the bytes that were read.
  public func forget(_ range: Range<Int>) {
    // Bytes in memory would be lost.
    guard descriptor >= 0, let address = bytes.baseAddress, !range.isEmpty else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = max(0, range.lowerBound - Self.folio) / page * page
    let end = min(bytes.count, range.upperBound + Self.folio)
    _ = madvise(UnsafeMutableRawPointer(mutating: address + first), end - first, MADV_DONTNEED)
  }

  /// The most bytes that Linux maps at once.
  private static let folio = 1 << 21
}

/// Bytes that are made when they are first read.
private final class MadeBytes: Sendable {
  private let count: Int
  private let make: @Sendable (UnsafeMutableRawBufferPointer) -> Void
  private struct Memory: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
  }
  private let memory = Mutex<Memory?>(nil)

  init(count: Int, _ make: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void) {
    (self.count, self.make) = (count, make)
  }

  var bytes: UnsafeRawBufferPointer {
    memory.withLock { memory in
      if let memory { return memory.bytes }
      let space = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 64)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: space[..<count])
      make(bytes)
      memory = Memory(bytes: UnsafeRawBufferPointer(bytes))
      return UnsafeRawBufferPointer(bytes)
    }
  }

  deinit { memory.withLock { $0?.bytes.deallocate() } }
}

/// What tells whether a file is still the same.
private struct State: Equatable {
  let size: Int
  let seconds: Int
  let nanoseconds: Int
  let mode: mode_t

  init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    size = Int(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
    mode = status.st_mode
  }

  var isRegular: Bool { mode & S_IFMT == S_IFREG }
  var isFolder: Bool { mode & S_IFMT == S_IFDIR }
}
