import CZlib
import LowRankDecompression

/// Reads the pages of a column of a row group, one at a time.
final class PageReader {
  /// The values that pages refer to by number; nil if the column has no dictionary.
  private(set) var dictionary: [ParquetValue]?
  private let source: any ByteSource
  private let column: ParquetColumn
  private let interpretation: Interpretation
  private let codec: Codec
  private var offset: Int
  private let end: Int
  private let stored = GrowingBuffer()
  private let content = GrowingBuffer()

  /// - Parameter limit: where the pages of the file end.
  init(
    _ source: any ByteSource, _ chunk: ColumnChunk, _ column: ParquetColumn, limit: Int
  ) throws(ParquetFault) {
    guard !chunk.isEncrypted else {
      throw ParquetFault(
        "it is encrypted, which is not supported; write the file without encryption")
    }
    guard !chunk.isElsewhere else { throw ParquetFault("its values are in another file") }
    guard chunk.physical == column.physical.rawValue else {
      throw ParquetFault("a row group has another type than the schema")
    }
    guard chunk.offset >= 4, chunk.offset <= limit, chunk.size <= limit - chunk.offset else {
      throw ParquetFault("its pages lie outside of the file: the file is damaged or incomplete")
    }
    self.source = source
    self.column = column
    interpretation = try Interpretation(column)
    codec = try Codec(chunk.codec)
    offset = chunk.offset
    end = chunk.offset + chunk.size
  }

  /// The next page of values; nil at the end.
  ///
  /// - Parameter most: how many values the column has after the pages so far.
  func next(atMost most: Int) throws(ParquetFault) -> Page? {
    while offset < end {
      let header = try nextHeader()
      guard let kind = header.kind, kind != .index else {
        offset += header.compressedSize
        continue
      }
      try loadContent(of: header)
      if kind == .dictionary {
        try readDictionary(header)
        continue
      }
      guard header.valueCount <= most else {
        throw ParquetFault("its pages have more values than its row group says")
      }
      return kind == .data
        ? try Page(header, try decompressed(stored.bytes, header.size), of: column)
        : try page2(header)
    }
    return nil
  }

  /// Passes over the next page of values without reading its content; nil at the end.
  ///
  /// - Returns: where the page begins, and the number of its values.
  func skip() throws(ParquetFault) -> (offset: Int, count: Int)? {
    while offset < end {
      let start = offset
      let header = try nextHeader()
      offset += header.compressedSize
      if header.kind == .data || header.kind == .data2 { return (start, header.valueCount) }
    }
    return nil
  }

  /// Goes to the page at an offset that ``skip()`` returned, and reads the dictionary before the first page if there is one.
  func move(to place: Int) throws(ParquetFault) {
    while offset < place, dictionary == nil {
      let header = try nextHeader()
      if header.kind == .dictionary {
        try loadContent(of: header)
        try readDictionary(header)
      } else if header.kind == .data || header.kind == .data2 {
        break
      } else {
        offset += header.compressedSize
      }
    }
    offset = place
  }

  /// A decoder for the values of a page.
  func decoder(_ page: Page) throws(ParquetFault) -> any ValueDecoder {
    try interpretation.decoder(
      page.encoding, page.values, count: page.count, dictionary: dictionary)
  }

  private func page2(_ header: PageHeader) throws(ParquetFault) -> Page {
    let most = min(stored.count, header.size)
    guard header.repetitionSize <= most, header.definitionSize <= most - header.repetitionSize
    else { throw ParquetFault("the levels of a page are larger than the page") }
    let levelSize = header.repetitionSize + header.definitionSize
    let levels = UnsafeRawBufferPointer(rebasing: stored.bytes[..<levelSize])
    let rest = UnsafeRawBufferPointer(rebasing: stored.bytes[levelSize...])
    let isStored = !header.isCompressed || rest.isEmpty
    return try Page(
      header, levels: levels,
      values: isStored ? rest : try decompressed(rest, header.size - levelSize), of: column)
  }

  private func readDictionary(_ header: PageHeader) throws(ParquetFault) {
    guard dictionary == nil else { throw ParquetFault("it has two dictionaries in one row group") }
    guard [Encoding.plain, .plainDictionary].contains(Encoding(rawValue: header.encoding)) else {
      throw ParquetFault("a dictionary has the encoding \(header.encoding), expected plain values")
    }
    let bytes = try decompressed(stored.bytes, header.size)
    var decoder = try interpretation.decoder(
      Encoding.plain.rawValue, bytes, count: header.valueCount, dictionary: nil)
    // Every value takes a byte; truth values are never in a dictionary.
    guard header.valueCount <= bytes.count, column.physical != .boolean else { throw .overrun }
    var values: [ParquetValue] = []
    values.reserveCapacity(header.valueCount)
    for _ in 0..<header.valueCount { values.append(try decoder.next()) }
    dictionary = values
  }

  private func decompressed(
    _ bytes: UnsafeRawBufferPointer, _ size: Int
  ) throws(ParquetFault) -> UnsafeRawBufferPointer {
    // Some writers do not compress nothing.
    guard !codec.isNone, size > 0 || !bytes.isEmpty else {
      guard bytes.count == size else {
        throw ParquetFault("a page has not the \(size) bytes that it says it has")
      }
      return bytes
    }
    try codec.decompress(bytes, size: size, into: content)
    return content.bytes
  }

  /// Reads the header at the offset, which moves behind it; the page must lie in the column.
  private func nextHeader() throws(ParquetFault) -> PageHeader {
    let header = try readHeader()
    guard header.compressedSize <= end - offset else {
      throw ParquetFault("a page is larger than its column")
    }
    return header
  }

  /// Reads the stored bytes of a page at the offset, which moves behind it.
  private func loadContent(of header: PageHeader) throws(ParquetFault) {
    try load(header.compressedSize)
    offset += header.compressedSize
    if let checksum = header.checksum { try check(checksum) }
  }

  /// Reads the header at the offset, which moves behind it.
  private func readHeader() throws(ParquetFault) -> PageHeader {
    var size = 1 << 10
    while true {
      try load(min(size, end - offset))
      var reader = ThriftReader(stored.bytes)
      do throws(ParquetFault) {
        let header = try PageHeader(&reader)
        offset += reader.position
        return header
      } catch {
        // Statistics in a header may have long texts.
        guard error.isOverrun, stored.count < end - offset else { throw error }
        size *= 16
      }
    }
  }

  private func load(_ size: Int) throws(ParquetFault) {
    stored.removeAll()
    do throws(DecompressionError) {
      try stored.reserve(size)
    } catch {
      throw ParquetFault("\(error)")
    }
    try source.read(offset, into: UnsafeMutableRawBufferPointer(rebasing: stored.space[..<size]))
    stored.advance(by: size)
  }

  private func check(_ checksum: UInt32) throws(ParquetFault) {
    let bytes = stored.bytes.bindMemory(to: UInt8.self)
    guard UInt32(truncatingIfNeeded: crc32_z(0, bytes.baseAddress, bytes.count)) == checksum else {
      throw ParquetFault(
        "a page has not its checksum: the file is damaged; download or write it again")
    }
  }
}
