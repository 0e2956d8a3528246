/// Where the values of a column of a row group are.
struct ColumnChunk: Sendable {
  private(set) var physical = -1
  private(set) var codec = -1
  private(set) var valueCount = -1
  /// The size of all pages, with their headers.
  private(set) var size = -1
  private(set) var isEncrypted = false
  private(set) var isElsewhere = false
  private var dataOffset = -1
  private var dictionaryOffset: Int?

  init(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws(ParquetFault) {
    var chunk = Self()
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1: chunk.isElsewhere = !(try reader.string(kind)).isEmpty
      case 3: try chunk.readMetadata(&reader, kind)
      case 8:
        chunk.isEncrypted = true
        try reader.skip(kind)
      default: try reader.skip(kind)
      }
    }
    guard chunk.isEncrypted || chunk.valueCount >= 0 && chunk.size >= 0 && chunk.dataOffset >= 0
    else { throw ParquetFault("a column of a row group has no size, offset or number of values") }
    self = chunk
  }

  private init() {}

  private mutating func readMetadata(
    _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
  ) throws(ParquetFault) {
    var chunk = self
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1: chunk.physical = try reader.integer(kind)
      case 4: chunk.codec = try reader.integer(kind)
      case 5: chunk.valueCount = try reader.integer(kind)
      case 7: chunk.size = try reader.integer(kind)
      case 9: chunk.dataOffset = try reader.integer(kind)
      case 11: chunk.dictionaryOffset = try reader.integer(kind)
      default: try reader.skip(kind)
      }
    }
    self = chunk
  }

  /// Where the first page begins; some writers say 0 if there is no dictionary.
  var offset: Int {
    guard let dictionaryOffset, dictionaryOffset > 0 else { return dataOffset }
    return min(dictionaryOffset, dataOffset)
  }
}
