import Foundation
import LowRankCheckpoints

extension CheckpointFile {
  /// Refuses tensors of types that trained weights never have: integers, booleans, complex numbers and 8-bit numbers.
  ///
  /// They could be read, but not written back.
  /// - Throws: `AdapterError.unsupportedType`.
  func checkTypes() throws(AdapterError) {
    guard let tensor = tensors.first(where: { !StoredType.floatingPoint.contains($0.type) }) else {
      return
    }
    throw .unsupportedType(
      file: url.relativePath, name: tensor.name.text, type: tensor.type.rawValue)
  }
}
