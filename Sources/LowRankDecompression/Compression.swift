/// How a file is compressed, named as its last extension is.
public enum Compression: String, Hashable, Sendable, CaseIterable {
  /// The format of `gzip`, by zlib.
  case gzip = "gz"
  /// The format of `zstd`, by libzstd.
  case zstd = "zst"
}

/// What is wrong with compressed data.
public enum DecompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The data ends before the compressed stream does.
  case truncated(Compression)
  /// The data is not what the format allows, in the library's words.
  case corrupt(Compression, reason: String)
  /// The decompressed content is larger than the limit, in bytes.
  case tooLarge(limit: Int)
  /// The system gives no more memory.
  case outOfMemory

  /// The problem as a clause.
  public var description: String {
    switch self {
    case .truncated(let compression):
      "the \(compression) data is cut off; copy or download the file again"
    case .corrupt(let compression, let reason):
      "the \(compression) data is damaged (\(reason)); copy or download the file again"
    case .tooLarge(let limit):
      "the decompressed content is larger than \(limit / 1_000_000) MB, which is what the free memory allows"
    case .outOfMemory: "the system has no more memory for the decompressed content"
    }
  }
}
