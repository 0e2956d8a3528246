/// What the end of a file says: its schema, and where the columns of its row groups are.
struct FileMetadata: Sendable {
  private(set) var elements: [SchemaElement] = []
  private(set) var rowCount = -1
  private(set) var rowGroups: [RowGroup] = []
  /// Texts by name that writers add, such as `huggingface`.
  private(set) var texts: [String: String] = [:]

  init(_ bytes: UnsafeRawBufferPointer) throws(ParquetFault) {
    var reader = ThriftReader(bytes)
    // A partial value cannot be changed in a closure that throws.
    var metadata = Self()
    try reader.structure { reader, id, kind throws(ParquetFault) in
      switch id {
      case 2:
        try reader.list(kind) { reader, kind throws(ParquetFault) in
          metadata.elements.append(try SchemaElement(&reader, kind))
        }
      case 3: metadata.rowCount = try reader.integer(kind)
      case 4:
        try reader.list(kind) { reader, kind throws(ParquetFault) in
          metadata.rowGroups.append(try RowGroup(&reader, kind))
        }
      case 5:
        try reader.list(kind) { reader, kind throws(ParquetFault) in
          try metadata.readText(&reader, kind)
        }
      default: try reader.skip(kind)
      }
    }
    self = metadata
    try checkRows()
  }

  private init() {}

  private mutating func readText(
    _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
  ) throws(ParquetFault) {
    var (key, value) = ("", "")
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1: key = try reader.string(kind)
      case 2: value = try reader.string(kind)
      default: try reader.skip(kind)
      }
    }
    texts[key] = value
  }

  private func checkRows() throws(ParquetFault) {
    guard !elements.isEmpty else { throw ParquetFault("the file has no schema") }
    var sum = 0
    for group in rowGroups {
      let (next, isTooLarge) = sum.addingReportingOverflow(group.rowCount)
      guard !isTooLarge else { throw ParquetFault("the numbers of rows are too large") }
      sum = next
    }
    guard sum == rowCount else {
      throw ParquetFault(
        "the file says that it has \(rowCount) rows, but its row groups have \(sum)")
    }
  }
}

/// The columns of some rows.
struct RowGroup: Sendable {
  private(set) var rowCount = -1
  private(set) var columns: [ColumnChunk] = []

  init(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws(ParquetFault) {
    var group = Self()
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1:
        try reader.list(kind) { reader, kind throws(ParquetFault) in
          group.columns.append(try ColumnChunk(&reader, kind))
        }
      case 3: group.rowCount = try reader.integer(kind)
      default: try reader.skip(kind)
      }
    }
    guard group.rowCount >= 0, !group.columns.isEmpty else {
      throw ParquetFault("a row group has no rows or no columns")
    }
    self = group
  }

  private init() {}
}
