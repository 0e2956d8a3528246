/// A key of a GGUF file's metadata with its value as it is stored: the type, then the bytes.
///
/// In this form, metadata are copied from file to file as they are: every number keeps its width, and lists of a
/// vocabulary are not taken apart.
public struct GGUFEntry: Hashable, Sendable {
  /// The key.
  public let key: TensorName
  /// The value with its type before it.
  let stored: [UInt8]

  /// A value that a file holds.
  init(_ key: TensorName, stored: [UInt8]) {
    self.key = key
    self.stored = stored
  }

  /// A value; whole numbers take 32 bits where they fit.
  public init(_ key: String, _ value: GGUFValue) {
    self.init(TensorName(key), stored: GGUFFile.encoded(value))
  }
}

extension [GGUFEntry] {
  /// Puts a value in the place of that of its key, or at the end where the key is new.
  public mutating func set(_ key: String, _ value: GGUFValue) {
    let entry = GGUFEntry(key, value)
    guard let index = firstIndex(where: { $0.key == entry.key }) else { return append(entry) }
    self[index] = entry
  }
}
