import LowRankProgress
import LowRankTensors

/// What tells one base model from another: architecture, names, types, shapes, and sampled weights.
///
/// An adapter remembers the fingerprint of the base it was trained on, so that it is not put on
/// another by accident. It does not depend on how the weights are spread over files, nor on the
/// tokenizer. A model trained further differs nearly everywhere, but a change of a few chosen weights
/// can go unseen, and whoever wants to can forge a fingerprint.
///
/// What is hashed, by MurmurHash3 (x64, 128 bits, seed 0), is `lowrank1`, a space and the
/// architecture; then for every tensor, in the order of the bytes of their names, a line feed, the
/// number of bytes of its name, its name, its type (`F32`) and its shape (`[32, 16]`) with a space
/// after each, and the same hash of each sampled page. Pages are runs of 4,096 bytes, the last one
/// shorter; of more than 64, n, those numbered ⌊i·(n − 1) / 63⌋ for i from 0 to 63.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  /// The fingerprint as text: a version, a colon, 32 hexadecimal digits.
  public let description: String

  private static let version = "lowrank1"
  private static let page = 4096
  /// The most bytes between pages that stay in memory until they are returned together.
  private static let kept = 1 << 22
  private static let sampledPages = 64

  /// The fingerprint of a model with these tensors, in whatever order.
  ///
  /// - Throws: `FileError` where a file changed since it was opened.
  public init(architecture: String, tensors: some Sequence<StoredTensor>) throws {
    var record = Array("\(Self.version) \(architecture)".utf8)
    let tensors = tensors.sorted { $0.name < $1.name }
    let work = Work("identifying the base", of: tensors.count, .tensors)
    defer { work.end() }
    for tensor in tensors {
      // A name has no bound of its own: its length before it keeps one record from reading as another.
      let count = tensor.name.text.utf8.count
      record += "\n\(count) \(tensor.name) \(tensor.type.rawValue) \(tensor.shape) ".utf8
      try tensor.withBytes { bytes in
        // A page that is read brings others into memory: all together would be most of the file.
        var read = tensor.range.lowerBound..<tensor.range.lowerBound
        defer { tensor.file.forget(read) }
        for range in Self.sample(of: bytes.count) {
          record += MurmurHash3(of: UnsafeRawBufferPointer(rebasing: bytes[range])).bytes
          let end = tensor.range.lowerBound + range.upperBound
          read = read.lowerBound..<end
          if read.count >= Self.kept {
            tensor.file.forget(read)
            read = end..<end
          }
        }
      }
      work.advance()
    }
    let hash = record.withUnsafeBytes { MurmurHash3(of: $0) }
    description = "\(Self.version):\(hash.hexadecimal)"
  }

  /// A fingerprint read back from its text; none where the text is no fingerprint of this version.
  public init?(_ text: String) {
    let digits = Array(text.utf8.dropFirst(Self.version.utf8.count + 1))
    let isHexadecimal = digits.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
    }
    guard text.utf8.starts(with: "\(Self.version):".utf8), digits.count == 32, isHexadecimal
    else { return nil }
    description = text
  }

  /// The pages of a tensor that are hashed, as ranges of its bytes.
  static func sample(of byteCount: Int) -> [Range<Int>] {
    let pages = (byteCount + page - 1) / page
    let chosen =
      pages <= sampledPages
      ? Array(0..<pages) : (0..<sampledPages).map { $0 * (pages - 1) / (sampledPages - 1) }
    return chosen.map { $0 * page..<min(($0 + 1) * page, byteCount) }
  }
}

extension ModelFolder {
  /// The fingerprint of the model, under the first of the architectures that its configuration names.
  ///
  /// - Throws: `JSONError` about the configuration, `FileError`.
  public func fingerprint() throws -> Fingerprint {
    let architecture =
      try config.optionalStrings("architectures")?.first ?? config.string("model_type", default: "")
    return try Fingerprint(architecture: architecture, tensors: files.flatMap(\.distinctTensors))
  }
}
