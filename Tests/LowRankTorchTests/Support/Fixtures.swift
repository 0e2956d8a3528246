import Foundation
import LowRankTorch

/// The files of torch that are committed.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  /// The bytes of a file.
  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// A tensor as torch reads it.
  struct Expected: Decodable, Equatable {
    let type: String
    let shape: [Int]
    let bytes: String
  }

  /// The tensors that torch reads from a file, by name.
  static func expected(_ name: String) throws -> [String: Expected] {
    try JSONDecoder().decode([String: Expected].self, from: Data(bytes(name + ".json")))
  }

  /// The tensors that we read from a file.
  static func read(_ file: [UInt8]) throws -> [String: Expected] {
    try file.withUnsafeBytes { bytes in
      let torch = try TorchFile(bytes, at: "file.pt")
      return Dictionary(
        uniqueKeysWithValues: torch.tensors.map { ($0.name, described($0, in: bytes)) })
    }
  }

  private static func described(
    _ tensor: TorchTensor, in file: UnsafeRawBufferPointer
  ) -> Expected {
    let piece: [UInt8] =
      switch tensor.place {
      case .file(let range): Array(file[range])
      case .memory(let memory, let range): Array(memory.bytes[range])
      }
    let digits = piece.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return Expected(type: "\(tensor.type)", shape: tensor.shape, bytes: digits)
  }
}
