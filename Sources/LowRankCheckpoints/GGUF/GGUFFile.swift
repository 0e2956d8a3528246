import Foundation
import LowRankTensors

/// A GGUF file, the container of llama.cpp, mapped into memory; its tensors are read where they lie.
///
/// Little-endian, versions 2 and 3: `GGUF`, the version, the numbers of tensors and of metadata, the metadata, a
/// description of every tensor, and their bytes, each at a multiple of `general.alignment`.
public struct GGUFFile: Sendable {
  /// Where the file lies.
  public let url: URL
  /// The metadata by key, in the order of the file.
  public let metadata: [(key: TensorName, value: GGUFValue)]
  /// The tensors, in the order of the file; extents outermost first, as everywhere but in GGUF.
  public let tensors: [StoredTensor]
  /// The mapping that the tensors share.
  public let file: MappedFile
  /// What the offsets of tensors are multiples of.
  public let alignment: Int
  /// Where in the file each value of the metadata lies, its type before it.
  private let valueRanges: [Range<Int>]

  /// The four bytes that every file begins with.
  static let magic = Array("GGUF".utf8)
  /// What the offsets of tensors are multiples of where nothing else is said.
  public static let standardAlignment = 32

  /// Whether a file begins as GGUF does.
  public static func isGGUF(_ url: URL) -> Bool {
    guard let file = try? MappedFile(at: url) else { return false }
    return file.bytes.starts(with: magic)
  }

  /// Opens a file and checks its header; no tensor is read.
  ///
  /// - Parameter keepsVocabulary: whether the lists of `tokenizer.ggml` have their elements, which may be hundreds of
  ///   thousands; without them they are empty.
  /// - Throws: `FileError` where it cannot be read, `GGUFError` where it breaks a rule of the format or holds a tensor of
  ///   a type that is not read.
  public init(at url: URL, keepsVocabulary: Bool = true) throws {
    let file = try MappedFile(at: url)
    let header = try GGUFHeader(
      of: file.bytes, at: url.relativePath, keepsVocabulary: keepsVocabulary)
    self.url = url
    self.file = file
    (metadata, valueRanges, alignment) = (header.metadata, header.valueRanges, header.alignment)
    tensors = header.entries.map { entry in
      StoredTensor(
        name: entry.name, type: entry.type, shape: entry.shape, file: file, range: entry.range)
    }
  }

  /// The metadata as they are stored, to be written into another file; lists have their elements here in any case.
  public var entries: [GGUFEntry] {
    zip(metadata, valueRanges).map { GGUFEntry($0.key, stored: Array(file.bytes[$1])) }
  }

  /// The value of a key, where there is one.
  public subscript(key: String) -> GGUFValue? {
    let name = TensorName(key)
    return metadata.first { $0.key == name }?.value
  }
}
