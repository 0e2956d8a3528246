import Foundation
import LowRankCheckpoints
import LowRankDigests

/// A file that is to lie in a repository.
public struct PushFile: Sendable {
  /// Its path in the repository.
  public let path: String
  /// Its length in bytes.
  public let size: Int
  /// Whether a file of this name that is there already stays in its place.
  public let givesWay: Bool
  private let source: Source

  private enum Source: Sendable {
    case bytes([UInt8])
    case file(URL)
  }

  /// A file made of bytes.
  public init(_ path: String, _ bytes: [UInt8], givesWay: Bool = false) {
    (self.path, size, source) = (path, bytes.count, .bytes(bytes))
    self.givesWay = givesWay
  }

  /// A file on disk, which is read when it is sent.
  ///
  /// - Throws: `FileError` where it cannot be read.
  public init(_ path: String, at url: URL) throws(FileError) {
    let url = url.resolvingSymlinksInPath()
    do {
      let handle = try FileHandle(forReadingFrom: url)
      size = Int(try handle.seekToEnd())
      try handle.close()
    } catch { throw FileError("read", url.relativePath, reason: "no readable file is there") }
    (self.path, source, givesWay) = (path, .file(url), false)
  }

  /// The first bytes, by which the hub judges what kind of file it is.
  func sample() throws -> Data {
    var chunks = try chunks(of: 512)
    return Data(try chunks.next() ?? [])
  }

  /// All of it, which is asked for only where it is small.
  func bytes() throws -> Data {
    var bytes = Data()
    try forEachChunk { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// The name that the store of large files has for it.
  func sha256() throws -> String { try hash(Digest(.sha256)) }

  /// Git's name for it.
  func gitName() throws -> String { try hash(Digest.git(count: size)) }

  private func hash(_ digest: Digest) throws -> String {
    try forEachChunk { digest.update($0) }
    return digest.hexadecimal
  }

  /// The whole file as a request body.
  var body: RequestBody {
    RequestBody(count: size) {
      var chunks = try chunks()
      return { try chunks.next() }
    }
  }

  /// The bytes, piece by piece, from the beginning.
  func chunks(of length: Int = 1 << 20) throws(FileError) -> Chunks {
    switch source {
    case .bytes(let bytes): return Chunks(rest: bytes[...], handle: nil, path: path, length: length)
    case .file(let url):
      guard let handle = try? FileHandle(forReadingFrom: url) else {
        throw FileError("read", url.relativePath, reason: "it is no longer there")
      }
      return Chunks(rest: [], handle: handle, path: url.relativePath, length: length)
    }
  }

  private func forEachChunk(_ body: ([UInt8]) -> Void) throws {
    var chunks = try chunks()
    while let chunk = try chunks.next() { body(chunk) }
  }

  /// Reads a file on.
  struct Chunks {
    fileprivate var rest: ArraySlice<UInt8>
    fileprivate let handle: FileHandle?
    fileprivate let path: String
    fileprivate let length: Int

    mutating func next() throws(FileError) -> [UInt8]? {
      guard let handle else {
        defer { rest = rest.dropFirst(length) }
        return rest.isEmpty ? nil : Array(rest.prefix(length))
      }
      do {
        guard let data = try handle.read(upToCount: length), !data.isEmpty else { return nil }
        return Array(data)
      } catch { throw FileError("read", path, reason: systemReason(error)) }
    }
  }
}
