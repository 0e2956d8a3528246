import Foundation
import LowRankTensors
import LowRankTorch

extension CheckpointFile {
  /// Opens a file that `torch.save` wrote; tensors that are not stored row-major are put in order.
  ///
  /// - Throws: `FileError` where it cannot be read, `TorchFileError`.
  init(torch url: URL) throws {
    let file = try MappedFile(at: url)
    let torch = try TorchFile(file.bytes, at: url.relativePath)
    let tensors = torch.tensors.map { tensor in
      let (name, type, shape) = (
        TensorName(tensor.name), StoredType(tensor.type), Shape(tensor.shape)
      )
      switch tensor.place {
      case .file(let range):
        return StoredTensor(name: name, type: type, shape: shape, file: file, range: range)
      case .memory(let memory, let range):
        return StoredTensor(
          name: name, type: type, shape: shape,
          file: MappedFile(memory.bytes, keptBy: memory, of: file), range: range)
      }
    }
    self.init(url, .torch, tensors, metadata: ["format": "pt"])
  }

  /// Whether a file begins as those of torch do, in either layout.
  public static func isTorchFile(_ url: URL) -> Bool {
    guard let file = try? MappedFile(at: url) else { return false }
    return TorchFile.isTorchFile(file.bytes)
  }

  /// The dictionary of a file of torch that holds its tensors, and what else the file holds.
  ///
  /// - Throws: `FileError`, `TorchFileError`.
  package static func contents(ofTorchFile url: URL) throws -> (section: String?, others: [String])
  {
    let file = try MappedFile(at: url)
    let torch = try TorchFile(file.bytes, at: url.relativePath)
    return (torch.section, torch.others)
  }
}

extension StoredType {
  /// The stored form of torch's type.
  init(_ type: TorchType) {
    self =
      switch type {
      case .float64: .float64
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .int64: .int64
      case .int32: .int32
      case .int16: .int16
      case .int8: .int8
      case .uint8: .uint8
      case .bool: .bool
      }
  }
}
