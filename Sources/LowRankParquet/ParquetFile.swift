import Foundation

/// A Parquet file: tables by column, in which the Hugging Face hub keeps data sets.
///
/// All types, nested in any way, and all encodings of the format are read; pages may be uncompressed or compressed
/// with Snappy, gzip or Zstandard.
public struct ParquetFile: Sendable {
  /// The path of the file as it was given.
  public let name: String
  /// The columns of all row groups.
  public let columns: [ParquetColumn]
  let source: any ByteSource
  let metadata: FileMetadata
  let fields: [SchemaNode]
  /// Where the pages end and the description of the file begins.
  let end: Int

  /// Opens a file and reads what it says of itself.
  ///
  /// - Throws: `ParquetError` for a file that cannot be read or is no Parquet file.
  public init(at url: URL) throws(ParquetError) {
    let name = url.relativePath
    do throws(ParquetFault) {
      try self.init(try FileBytes(path: url.path), name: name)
    } catch {
      throw error.error(in: name)
    }
  }

  /// Reads what a file in memory says of itself.
  public init(bytes: [UInt8], name: String) throws(ParquetError) {
    do throws(ParquetFault) {
      try self.init(MemoryBytes(bytes: bytes), name: name)
    } catch {
      throw error.error(in: name)
    }
  }

  /// The number of rows.
  public var rowCount: Int { metadata.rowCount }

  /// The names of the fields of a row.
  public var names: [String] { fields.map(\.name) }

  /// A text that the writer added under a name, such as `huggingface`; nil if there is none.
  public func text(_ name: String) -> String? { metadata.texts[name] }

  /// The rows from the first one on.
  ///
  /// - Parameter isWanted: the columns to read; others are neither read nor checked. A field without such a column is
  ///   left out.
  public func rows(reading isWanted: (ParquetColumn) -> Bool = { _ in true }) -> ParquetRows {
    ParquetRows(self, reading: isWanted)
  }

  private init(_ source: any ByteSource, name: String) throws(ParquetFault) {
    self.name = name
    self.source = source
    let footer = try Self.footer(of: source)
    end = source.count - 8 - footer.count
    let metadata = try footer.withBytes { bytes throws(ParquetFault) in
      try FileMetadata(bytes)
    }
    let (fields, columns) = try SchemaNode.fields(of: metadata.elements)
    self.metadata = metadata
    self.fields = fields
    self.columns = fields.flatMap(\.columns)
    for group in metadata.rowGroups where group.columns.count != columns {
      throw ParquetFault(
        "a row group has \(group.columns.count) columns, but the schema has \(columns)")
    }
  }

  /// The description at the end of a file, before its size and the letters `PAR1`.
  private static func footer(of source: any ByteSource) throws(ParquetFault) -> [UInt8] {
    guard source.count >= 12 else { throw try unknown(source) }
    let tail = try bytes(of: source, source.count - 8, count: 8)
    let mark = Array(tail[4...])
    guard mark != Array("PARE".utf8) else {
      throw ParquetFault(
        "the file is encrypted, which is not supported; write it without encryption")
    }
    guard mark == Array("PAR1".utf8) else { throw try unknown(source) }
    let size = tail[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard size > 0, size <= source.count - 12 else {
      throw ParquetFault(
        "the file says that its description has \(size) bytes: it is damaged; download or write it again"
      )
    }
    return try bytes(of: source, source.count - 8 - size, count: size)
  }

  private static func bytes(
    of source: any ByteSource, _ offset: Int, count: Int
  ) throws(ParquetFault) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { buffer.deallocate() }
    try source.read(offset, into: buffer)
    return [UInt8](buffer)
  }

  /// What is wrong with a file that does not end as Parquet files do.
  private static func unknown(_ source: any ByteSource) throws(ParquetFault) -> ParquetFault {
    let start = try bytes(of: source, 0, count: min(source.count, 64))
    if start.starts(with: "version https://git-lfs".utf8) {
      return ParquetFault("the file is a Git LFS pointer; git lfs pull fetches its content")
    }
    return start.starts(with: "PAR1".utf8)
      ? ParquetFault(
        "the end of the file is missing, where Parquet files say what they contain; download or copy it again"
      )
      : ParquetFault("the file is no Parquet file")
  }
}
