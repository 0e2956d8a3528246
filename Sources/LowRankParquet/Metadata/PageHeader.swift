/// What stands before a page.
struct PageHeader {
  /// The kind of a page, by its number in the format.
  enum Kind: Int {
    case data = 0
    case index, dictionary, data2
  }

  /// The kind; nil for one that is unknown, whose page is skipped.
  private(set) var kind: Kind?
  private(set) var size = -1
  private(set) var compressedSize = -1
  private(set) var checksum: UInt32?
  private(set) var valueCount = -1
  private(set) var encoding = -1
  private(set) var definitionEncoding = Encoding.runLength.rawValue
  private(set) var repetitionEncoding = Encoding.runLength.rawValue
  private(set) var definitionSize = 0
  private(set) var repetitionSize = 0
  private(set) var isCompressed = true

  init(_ reader: inout ThriftReader) throws(ParquetFault) {
    var header = Self()
    try reader.structure { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1: header.kind = Kind(rawValue: try reader.integer(kind))
      case 2: header.size = try reader.integer(kind)
      case 3: header.compressedSize = try reader.integer(kind)
      case 4: header.checksum = UInt32(truncatingIfNeeded: try reader.integer(kind))
      case 5: try header.readData(&reader, kind)
      case 7: try header.readDictionary(&reader, kind)
      case 8: try header.readData2(&reader, kind)
      default: try reader.skip(kind)
      }
    }
    guard header.size >= 0, header.compressedSize >= 0, header.size <= Int(Int32.max) else {
      throw ParquetFault("a page has no size")
    }
    guard
      header.kind == nil || header.kind == .index
        || (0...Int(Int32.max)).contains(header.valueCount)
    else { throw ParquetFault("a page has no number of values") }
    self = header
  }

  private init() {}

  private mutating func readData(
    _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
  ) throws(ParquetFault) {
    var header = self
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1: header.valueCount = try reader.integer(kind)
      case 2: header.encoding = try reader.integer(kind)
      case 3: header.definitionEncoding = try reader.integer(kind)
      case 4: header.repetitionEncoding = try reader.integer(kind)
      default: try reader.skip(kind)
      }
    }
    self = header
  }

  private mutating func readDictionary(
    _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
  ) throws(ParquetFault) {
    var header = self
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1: header.valueCount = try reader.integer(kind)
      case 2: header.encoding = try reader.integer(kind)
      default: try reader.skip(kind)
      }
    }
    self = header
  }

  private mutating func readData2(
    _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
  ) throws(ParquetFault) {
    var header = self
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1: header.valueCount = try reader.integer(kind)
      case 4: header.encoding = try reader.integer(kind)
      case 5: header.definitionSize = try reader.integer(kind)
      case 6: header.repetitionSize = try reader.integer(kind)
      case 7: header.isCompressed = try reader.bool(kind)
      default: try reader.skip(kind)
      }
    }
    guard header.definitionSize >= 0, header.repetitionSize >= 0 else {
      throw ParquetFault("the levels of a page have a negative size")
    }
    self = header
  }
}
