/// A tensor of a file, described: its bytes stand row-major and little-endian at a place.
package struct TorchTensor: Sendable {
  /// Where bytes are.
  package enum Place: Sendable {
    /// In the file itself, at these positions.
    case file(Range<Int>)
    /// In memory of their own.
    case memory(TorchMemory, Range<Int>)
  }

  /// Its key in the dictionary.
  package let name: String
  /// The type of its elements.
  package let type: TorchType
  /// The extents.
  package let shape: [Int]
  /// Where the bytes are.
  package let place: Place
}
