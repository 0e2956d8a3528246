import Foundation
import LowRankCheckpoints

extension SafetensorsFile {
  /// Refuses tensors of types that no trained number has: integers, truth values, complex numbers and those of 8 bits.
  ///
  /// They could be read, but nothing could be written in their place.
  /// - Throws: `AdapterError.unsupportedType`.
  func checkTypes() throws(AdapterError) {
    guard let tensor = tensors.first(where: { !StoredType.floatingPoint.contains($0.type) }) else {
      return
    }
    throw .unsupportedType(
      file: url.relativePath, name: tensor.name.text, type: tensor.type.rawValue)
  }
}
