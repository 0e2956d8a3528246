import Foundation

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
  nonisolated(unsafe) public let bytes: UnsafeRawBufferPointer

  /// The path of the file, as it was given.
  public var path: String { url.relativePath }

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
    source = nil
    guard descriptor >= 0 else { throw FileError("read", path) }
    do throws(FileError) {
      guard let state = State(of: descriptor) else { throw FileError("read", path) }
      guard state.isRegular else {
        throw FileError(
          "read", path, reason: state.isFolder ? "it is a folder" : "it is not a regular file")
      }
      opened = state
      guard state.size > 0 else {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        self.url = url
        return
      }
      let address = mmap(nil, state.size, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let address, address != MAP_FAILED else { throw FileError("read", path) }
      bytes = UnsafeRawBufferPointer(start: address, count: state.size)
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
    (self.bytes, url, descriptor, opened) = (bytes, file.url, -1, nil)
    source = (file, owner)
  }

  deinit {
    guard descriptor >= 0 else { return }
    if let address = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
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
