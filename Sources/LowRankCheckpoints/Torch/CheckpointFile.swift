import Foundation
import LowRankTensors

/// A file of tensors by name, mapped into memory: safetensors, or what `torch.save` wrote.
public struct CheckpointFile: Sendable {
  /// The formats that tensors are read from.
  public enum Format: String, Hashable, Sendable {
    /// The format of safetensors.
    case safetensors
    /// A pickle of torch, read as data.
    case torch
    /// The container of llama.cpp, all parts of a model as one.
    case gguf
  }

  /// Where the file lies.
  public let url: URL
  /// The format.
  public let format: Format
  /// The tensors, in the order of the file.
  public let tensors: [StoredTensor]
  /// The strings of safetensors' `__metadata__`, by name; files of torch have none.
  public let metadata: JSONObject

  private let positions: [TensorName: Int]

  /// Opens a file, by its name as safetensors or as one of torch, and checks its description; no number is read.
  ///
  /// - Throws: `FileError` where it cannot be read, `SafetensorsError`, `TorchFileError`.
  public init(at url: URL) throws {
    let isSafetensors = url.pathExtension == "safetensors"
    self = isSafetensors ? Self(try SafetensorsFile(at: url)) : try Self(torch: url)
  }

  /// A safetensors file.
  public init(_ file: SafetensorsFile) {
    self.init(file.url, .safetensors, file.tensors, metadata: file.metadata)
  }

  /// Tensors as if a file held them.
  package init(_ url: URL, _ format: Format, _ tensors: [StoredTensor], metadata: JSONObject) {
    (self.url, self.format, self.tensors, self.metadata) = (url, format, tensors, metadata)
    var positions: [TensorName: Int] = [:]
    for (position, tensor) in tensors.enumerated() { positions[tensor.name] = position }
    self.positions = positions
  }

  /// The names of the tensors, in the order of the file.
  public var names: [TensorName] { tensors.map(\.name) }

  /// The tensors, without those whose bytes are another one's: files of torch hold a tied head under its own name too.
  var distinctTensors: [StoredTensor] {
    var places: Set<Place> = []
    return tensors.filter { tensor in
      let place = Place(file: ObjectIdentifier(tensor.file), range: tensor.range)
      return tensor.range.isEmpty || places.insert(place).inserted
    }
  }

  private struct Place: Hashable {
    let file: ObjectIdentifier
    let range: Range<Int>
  }

  /// The tensor of a name, where there is one.
  public subscript(name: TensorName) -> StoredTensor? { positions[name].map { tensors[$0] } }
}
