import Foundation
import LowRankTensors

/// A safetensors file, mapped into memory; its tensors are read where they lie.
public struct SafetensorsFile: Sendable {
  /// Where the file lies.
  public let url: URL
  /// The tensors, in the order of their bytes.
  public let tensors: [StoredTensor]
  /// The strings of `__metadata__`, by name.
  public let metadata: JSONObject
  /// The mapping that the tensors share.
  public let file: MappedFile

  private let positions: [TensorName: Int]

  /// Opens a file and checks its header; no tensor is read.
  ///
  /// - Throws: `FileError` where it cannot be read, `SafetensorsError` with the rule it breaks.
  public init(at url: URL) throws {
    let file = try MappedFile(at: url)
    let header = try SafetensorsHeader(of: file.bytes, at: url.relativePath)
    self.url = url
    self.file = file
    metadata = header.metadata
    tensors = header.entries.map { entry in
      StoredTensor(
        name: entry.name, type: entry.type, shape: entry.shape, file: file,
        range: (header.dataStart + entry.range.lowerBound)..<(header.dataStart
          + entry.range.upperBound))
    }
    var positions: [TensorName: Int] = [:]
    for (position, tensor) in tensors.enumerated() { positions[tensor.name] = position }
    self.positions = positions
  }

  /// The names of the tensors, in the order of their bytes.
  public var names: [TensorName] { tensors.map(\.name) }

  /// The tensor of a name, where there is one.
  public subscript(name: TensorName) -> StoredTensor? { positions[name].map { tensors[$0] } }
}
