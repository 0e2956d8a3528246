import LowRankCheckpoints
import LowRankProgress

/// Reads one JSON object per line; blank lines are skipped.
///
/// As in Python's json, `NaN`, `Infinity` and `-Infinity` are numbers; code that needs a finite number refuses them.
func jsonLines(_ bytes: UnsafeRawBufferPointer, file: String) throws -> TableContent {
  var rows: [DataRow] = []
  let work = Work("reading \(file)", of: bytes.count, .bytes)
  defer { work.end() }
  for (number, line) in Lines(bytes) where !line.allSatisfy(isBlank) {
    work.advance(by: line.count + 1)
    let value = try parsed(line, at: "\(file), line \(number)")
    guard let fields = value.object else {
      throw DataError("\(file), line \(number)", "expected an object, found \(value.kind)")
    }
    rows.append(DataRow(number: number, fields: fields))
  }
  return TableContent(rows: rows)
}

/// Reads one JSON array of objects.
func jsonArray(_ bytes: UnsafeRawBufferPointer, file: String) throws -> TableContent {
  guard !bytes.allSatisfy(isBlank) else { return TableContent(rows: []) }
  let text = UnsafeRawBufferPointer(rebasing: withoutByteOrderMark(bytes))
  let value = try parsed(text, at: file)
  guard let array = value.array else {
    throw DataError(
      file, "expected an array of objects, found \(value.kind); one object a line is .jsonl")
  }
  let rows = try array.enumerated().map { index, element in
    guard let fields = element.object else {
      throw DataError("\(file), row \(index + 1)", "expected an object, found \(element.kind)")
    }
    return DataRow(number: index + 1, fields: fields)
  }
  return TableContent(rows: rows)
}

/// A value; of a text that is not UTF-8, the error says how to write it anew.
private func parsed(_ bytes: UnsafeRawBufferPointer, at place: String) throws -> JSONValue {
  do {
    return try JSONValue(parsing: bytes, from: place, allowsNonFinite: true)
  } catch {
    _ = try validated(bytes, at: place)
    throw error
  }
}

private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte)
}
