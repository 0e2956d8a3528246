/// Reads comma-separated values as RFC 4180 has them.
///
/// A field in quotes may hold commas, line ends and quotes written twice. Blank lines are passed over.
func commaSeparated(
  _ bytes: UnsafeRawBufferPointer, file: String, isHeader: @escaping HeaderTest
) throws -> [DataRow] {
  var records = CommaSeparatedRecords(bytes, file: file)
  var table = TableRows(of: file, isHeader: isHeader)
  while let record = try records.next() { try table.add(record.fields, line: record.line) }
  return table.rows
}

/// The records of a CSV text, one after the other.
private struct CommaSeparatedRecords {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private var position = 0
  private var line = 1

  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = UnsafeRawBufferPointer(rebasing: withoutByteOrderMark(bytes))
    self.file = file
  }

  /// The next record that is no blank line, with the line on which it begins.
  mutating func next() throws(DataError) -> (line: Int, fields: [String])? {
    while endOfLine() {}
    guard position < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      fields.append(try byte == quote ? quotedField() : plainField())
      if byte == comma {
        position += 1
      } else if position == bytes.count || endOfLine() {
        return (start, fields)
      } else {
        throw failure("expected a comma or the end of the line after a quoted field", line)
      }
    }
  }

  private mutating func plainField() throws(DataError) -> String {
    let start = position
    while let byte, byte != comma, !isAtEndOfLine {
      guard byte != quote else {
        throw failure("a quote in a field that does not begin with one; write \"\" in quotes", line)
      }
      position += 1
    }
    return try validated(bytes[start..<position], at: "\(file), line \(line)")
  }

  private mutating func quotedField() throws(DataError) -> String {
    let opened = line
    var text: [UInt8] = []
    position += 1
    while let byte {
      position += 1
      if byte == quote {
        guard self.byte == quote else {
          return try validated(text, at: "\(file), line \(opened)")
        }
        position += 1
      } else if byte == lineFeed {
        line += 1
      }
      text.append(byte)
    }
    throw failure("a quoted field has no closing quote", opened)
  }

  /// Steps over a line feed, with or without a carriage return before it, and says whether it was there.
  private mutating func endOfLine() -> Bool {
    guard isAtEndOfLine else { return false }
    position += byte == lineFeed ? 1 : 2
    line += 1
    return true
  }

  private var isAtEndOfLine: Bool {
    byte == lineFeed
      || byte == carriageReturn && position + 1 < bytes.count && bytes[position + 1] == lineFeed
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func failure(_ problem: String, _ line: Int) -> DataError {
    DataError("\(file), line \(line)", problem)
  }

  private let comma = UInt8(ascii: ",")
  private let quote = UInt8(ascii: "\"")
  private let lineFeed = UInt8(ascii: "\n")
  private let carriageReturn = UInt8(ascii: "\r")
}
