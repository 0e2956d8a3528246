/// The content of a page, which lasts until the next one is read.
struct Page {
  /// The number of values, those that are null included.
  let count: Int
  /// How the values are written, by the format's number.
  let encoding: Int
  /// The repetition levels.
  let repetitions: LevelDecoder
  /// The definition levels.
  let definitions: LevelDecoder
  /// The values that are not null.
  let values: UnsafeRawBufferPointer

  /// A page of the format's first version, whose levels stand before the values.
  init(
    _ header: PageHeader, _ content: UnsafeRawBufferPointer, of column: ParquetColumn
  ) throws(ParquetFault) {
    var cursor = ByteCursor(content)
    repetitions = try LevelDecoder(
      in: &cursor, encoding: header.repetitionEncoding, most: column.repetition,
      count: header.valueCount)
    definitions = try LevelDecoder(
      in: &cursor, encoding: header.definitionEncoding, most: column.definition,
      count: header.valueCount)
    values = cursor.rest
    count = header.valueCount
    encoding = header.encoding
  }

  /// A page of the second version, whose levels are not compressed.
  init(
    _ header: PageHeader, levels: UnsafeRawBufferPointer, values: UnsafeRawBufferPointer,
    of column: ParquetColumn
  ) throws(ParquetFault) {
    var cursor = ByteCursor(levels)
    repetitions = try LevelDecoder(
      try cursor.take(header.repetitionSize), most: column.repetition)
    definitions = try LevelDecoder(
      try cursor.take(header.definitionSize), most: column.definition)
    self.values = values
    count = header.valueCount
    encoding = header.encoding
  }
}
