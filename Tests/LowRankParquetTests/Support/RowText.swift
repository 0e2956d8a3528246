import Foundation
import LowRankParquet

extension ParquetValue {
  /// The value as `Oracles/parquet_conformance.py` writes it, the same for no two values.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .unsigned(let value): String(value)
    case .double(let value):
      value.isNaN
        ? "fnan"
        : "f"
          + (0..<16).map { String(value.bitPattern >> UInt64(60 - 4 * $0) & 15, radix: 16) }
          .joined()
    case .decimal(let digits): "d" + digits
    case .string(let string): quoted(string)
    case .bytes(let bytes):
      "x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    case .list(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .structure(let structure): fieldText(structure.names, structure.values)
    case .map(let entries):
      "<" + entries.map { "\($0.key.text)=\($0.value.text)" }.joined(separator: ",") + ">"
    }
  }
}

/// Named values as text.
func fieldText(_ names: [String], _ values: [ParquetValue]) -> String {
  "{" + zip(names, values).map { "\(quoted($0)):\($1.text)" }.joined(separator: ",") + "}"
}

/// A string as Python's `json.dumps` writes it without escaping what is not ASCII.
private func quoted(_ string: String) -> String {
  var text = "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case "\u{8}": text += "\\b"
    case "\u{c}": text += "\\f"
    case ..<" ":
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }
  return text + "\""
}

/// The rows of a file as lines of text.
func lines(of file: ParquetFile) throws -> [String] {
  let rows = file.rows()
  var lines: [String] = []
  while let row = try rows.next() { lines.append(fieldText(rows.names, row)) }
  return lines
}

/// The file that `Oracles/parquet_conformance.py` wrote under a number, with the lines of its rows.
func oracle(_ number: Int, in folder: URL) throws -> (file: ParquetFile, lines: [String]) {
  let place = folder.appending(path: "\(number)")
  let expected = try String(contentsOf: place.appendingPathExtension("rows"), encoding: .utf8)
  return (
    try ParquetFile(at: place.appendingPathExtension("parquet")),
    expected.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
  )
}

/// A folder of the tests' fixtures.
func fixtures(_ name: String) throws -> URL {
  guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
  return folder.appending(path: "Fixtures").appending(path: name)
}
