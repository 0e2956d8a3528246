import LowRankCheckpoints
import LowRankImages

/// An image as a row of a data set: where its bytes are, and a hash of them.
public struct ImageFile: Hashable, Sendable {
  /// The hash of the bytes, MurmurHash3 (x64, 128 bits, seed 0).
  package let hash: MurmurHash3
  let source: ImageSource

  /// The path, or the row and column of a table, as messages name it.
  public var path: String { source.name }

  /// Reads an image's bytes, hands them out, and hashes them.
  ///
  /// - Throws: `DataError` where they cannot be read, or what `use` throws of them in a sentence.
  static func open<Value>(
    _ source: ImageSource, _ use: (UnsafeRawBufferPointer) throws(ImageError) -> Value
  ) throws(DataError) -> (file: ImageFile, value: Value) {
    let (hash, value) = try source.withBytes { bytes throws(ImageError) in
      (MurmurHash3(of: bytes), try use(bytes))
    }
    return (ImageFile(hash: hash, source: source), value)
  }

  public static func == (a: Self, b: Self) -> Bool { a.path == b.path && a.hash == b.hash }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(path)
    hasher.combine(hash)
  }
}
