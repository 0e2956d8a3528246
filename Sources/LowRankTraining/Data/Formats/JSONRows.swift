import LowRankCheckpoints

/// Reads one JSON object a line; blank lines are passed over.
func jsonLines(_ bytes: UnsafeRawBufferPointer, file: String) throws -> [DataRow] {
  var rows: [DataRow] = []
  for (number, line) in Lines(bytes) where !line.allSatisfy(isBlank) {
    let value = try JSONValue(parsing: line, from: "\(file), line \(number)")
    guard let fields = value.object else {
      throw DataError("\(file), line \(number)", "expected an object, found \(value.kind)")
    }
    rows.append(DataRow(number: number, fields: fields))
  }
  return rows
}

/// Reads one JSON array of objects.
func jsonArray(_ bytes: UnsafeRawBufferPointer, file: String) throws -> [DataRow] {
  guard !bytes.allSatisfy(isBlank) else { return [] }
  let text = UnsafeRawBufferPointer(rebasing: withoutByteOrderMark(bytes))
  let value = try JSONValue(parsing: text, from: file)
  guard let array = value.array else {
    throw DataError(
      file, "expected an array of objects, found \(value.kind); one object a line is .jsonl")
  }
  return try array.enumerated().map { index, element in
    guard let fields = element.object else {
      throw DataError("\(file), row \(index + 1)", "expected an object, found \(element.kind)")
    }
    return DataRow(number: index + 1, fields: fields)
  }
}

private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte)
}
