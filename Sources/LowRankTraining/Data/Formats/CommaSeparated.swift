import LowRankProgress

/// Reads comma-separated values as pandas' `read_csv` does.
///
/// A field that begins with a quote may contain separators, line ends and doubled quotes, up to its closing quote.
/// Characters after the closing quote, and quotes elsewhere, are text. A line ends with LF, CRLF or CR, and blank
/// lines are skipped. If the header has no comma but semicolons or tabs, those are the separator.
func commaSeparated(
  _ bytes: UnsafeRawBufferPointer, file: String, isHeader: @escaping HeaderTest
) throws -> TableContent {
  var remarks: [String] = []
  var records = CommaSeparatedRecords(bytes, file: file)
  if let separator = try records.otherSeparator(isHeader) {
    records.separator = separator
    let name = separator == UInt8(ascii: ";") ? "semicolons" : "tabs"
    remarks.append("the fields are separated by \(name), as the first line is")
  }
  var table = TableRows(of: file, hasQuotes: true, isHeader: isHeader)
  let work = Work("reading \(file)", of: bytes.count, .bytes)
  defer { work.end() }
  while let record = try records.next() {
    try table.add(record.fields, line: record.line)
    work.update(done: records.position, of: bytes.count)
  }
  return table.content(remarks)
}

/// The records of a CSV text, one after the other.
private struct CommaSeparatedRecords {
  var separator = UInt8(ascii: ",")
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private(set) var position = 0
  private var line = 1

  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = UnsafeRawBufferPointer(rebasing: withoutByteOrderMark(bytes))
    self.file = file
  }

  /// The separator of the header, if it is not a comma.
  func otherSeparator(_ isHeader: HeaderTest) throws(DataError) -> UInt8? {
    var commas = self
    guard let first = try commas.next()?.fields, first.count == 1, isHeader(first) else {
      return nil
    }
    for separator in [UInt8(ascii: ";"), UInt8(ascii: "\t")] {
      var others = self
      others.separator = separator
      // Parsing may fail, because a quote can begin a field with this separator that it does not begin with commas.
      if let fields = (try? others.next())??.fields, fields.count > 1 { return separator }
    }
    return nil
  }

  /// The next record that is no blank line, with the line on which it begins.
  mutating func next() throws(DataError) -> (line: Int, fields: [String])? {
    while skipBlankLine() {}
    guard position < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      fields.append(try byte == quote ? quotedField() : plainField())
      if byte == separator {
        position += 1
      } else {
        endOfLine()
        return (start, fields)
      }
    }
  }

  private mutating func plainField() throws(DataError) -> String {
    let start = position
    skipPlain()
    return try validated(bytes[start..<position], at: "\(file), line \(line)")
  }

  /// Advances to the end of an unquoted field.
  private mutating func skipPlain() {
    while let byte, byte != separator, byte != lineFeed, byte != carriageReturn { position += 1 }
  }

  private mutating func quotedField() throws(DataError) -> String {
    let opened = line
    var text: [UInt8] = []
    position += 1
    while let byte {
      position += 1
      if byte == quote {
        guard self.byte == quote else {
          let rest = position
          skipPlain()
          text += bytes[rest..<position]
          return try validated(text, at: "\(file), line \(opened)")
        }
        position += 1
      } else if byte == lineFeed || byte == carriageReturn && self.byte != lineFeed {
        line += 1
      }
      text.append(byte)
    }
    throw DataError(
      "\(file), line \(opened)",
      """
      a quoted field begins in this line and has no closing quote; close it, or write a quote that is part of the \
      text as \"\" in a quoted field
      """)
  }

  /// Skips a line that is empty or holds only spaces and tabs; returns whether there was one.
  private mutating func skipBlankLine() -> Bool {
    var end = position
    while end < bytes.count, bytes[end] != separator,
      bytes[end] == UInt8(ascii: " ") || bytes[end] == UInt8(ascii: "\t")
    { end += 1 }
    guard end == bytes.count || bytes[end] == lineFeed || bytes[end] == carriageReturn else {
      return false
    }
    position = end
    return endOfLine()
  }

  /// Skips a line end; returns whether there was one.
  @discardableResult private mutating func endOfLine() -> Bool {
    guard let byte, byte == lineFeed || byte == carriageReturn else { return false }
    position += 1
    if byte == carriageReturn, self.byte == lineFeed { position += 1 }
    line += 1
    return true
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private let quote = UInt8(ascii: "\"")
  private let lineFeed = UInt8(ascii: "\n")
  private let carriageReturn = UInt8(ascii: "\r")
}
