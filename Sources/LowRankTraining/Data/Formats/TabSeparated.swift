import LowRankProgress

/// Reads fields separated by tabs; quotes have no meaning, and blank lines are skipped.
func tabSeparated(
  _ bytes: UnsafeRawBufferPointer, file: String, isHeader: @escaping HeaderTest
) throws -> TableContent {
  var table = TableRows(of: file, hasQuotes: false, isHeader: isHeader)
  let work = Work("reading \(file)", of: bytes.count, .bytes)
  defer { work.end() }
  for (number, line) in Lines(bytes) where !line.isEmpty {
    work.advance(by: line.count + 1)
    let fields = try line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      .map { try validated($0, at: "\(file), line \(number)") }
    try table.add(fields, line: number)
  }
  return table.content()
}
