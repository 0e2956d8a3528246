/// One column of values as a file stores it; a list or structure consists of one or more.
public struct ParquetColumn: Sendable {
  /// The names of the fields that lead to the values, without those of lists and their elements.
  public let path: [String]
  /// Whether the values are bytes without a meaning known here, such as those of images.
  public var isBytes: Bool {
    (physical == .byteArray || physical == .fixedByteArray) && annotation == .none
  }
  /// Whether a row may have several values, since the column is in a list or a map.
  public var isRepeated: Bool { repetition > 0 }

  /// The place of the column in each row group.
  let index: Int
  let physical: PhysicalType
  /// The size of values of a fixed size.
  let length: Int
  let annotation: Annotation
  /// The definition level of a value that is not null.
  let definition: Int
  /// The number of lists that the column is in.
  let repetition: Int

  /// The path for messages.
  var name: String { path.joined(separator: ".") }
}
