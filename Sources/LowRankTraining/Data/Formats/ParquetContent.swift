import Foundation
import LowRankCheckpoints
import LowRankParquet

/// Reads the rows of a Parquet file.
///
/// Columns of bytes, such as those of images, are neither decoded nor part of a row; see ``ImageColumn``.
/// - Parameter limit: how many bytes the rows may take; by default, half of the free memory.
/// - Throws: `DataError` for a file that is damaged or not supported, with the column.
package func parquetContent(
  at url: URL, limit: @autoclosure () -> Int = FreeMemory.bytes / 2
) throws -> TableContent {
  do {
    let file = try ParquetFile(at: url)
    let rows = file.rows { !$0.isBytes }
    var names = Set<ExactText>()
    if let twice = file.names.first(where: { !names.insert(ExactText($0)).inserted }) {
      throw DataError(
        file.name, "two columns are called \"\(twice)\"; give each of them a name of its own")
    }
    var content = TableContent(rows: [])
    var allowance = limit()
    while let row = try rows.next() {
      // A damaged file, or one made for it, can hold billions of equal rows in a few bytes.
      allowance -= row.reduce(64) { $0 + $1.size }
      guard allowance > 0 else {
        throw DataError(
          file.name,
          """
          its \(file.rowCount) rows take more than half of the free memory; train on a part of them, in Python: \
          pq.write_table(pq.read_table(OLD).slice(0, 100_000), NEW)
          """)
      }
      let fields = JSONObject(zip(rows.names, row.map(JSONValue.init)))
      content.rows.append(DataRow(number: content.rows.count + 1, fields: fields))
    }
    content.unread = file.columns.filter(\.isBytes).map { $0.path.joined(separator: ".") }
    content.classNames = ClassNames(features: file.text("huggingface"))
    return content
  } catch let error as ParquetError {
    throw DataError(error.file, error.problem)
  }
}

extension ParquetValue {
  /// How many bytes the value takes as part of a row, about.
  fileprivate var size: Int {
    switch self {
    case .null, .bool: 32
    case .integer, .unsigned, .double: 64
    case .string(let text), .decimal(let text): 64 + text.utf8.count
    case .bytes(let bytes): 64 + bytes.count
    case .list(let elements): elements.reduce(64) { $0 + $1.size }
    case .structure(let structure): structure.values.reduce(64) { $0 + $1.size }
    case .map(let entries): entries.reduce(64) { $0 + $1.key.size + $1.value.size }
    }
  }
}

extension JSONValue {
  /// The value as a row of a JSON file would have it.
  ///
  /// Numbers that are not finite are `NaN`, `Infinity` and `-Infinity`, as Python writes them. A map is an
  /// object; keys that are no texts become texts, and of equal keys the last counts, as in Python.
  init(_ value: ParquetValue) {
    switch value {
    case .null, .bytes: self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let number): self = .number(JSONNumber(number))
    case .unsigned(let number): self = .number(JSONNumber(number))
    case .double(let number) where number.isFinite: self = .double(number)
    case .double(let number):
      self = Self(word: number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
    case .decimal(let digits): self = Self(word: digits)
    case .string(let text): self = .string(text)
    case .list(let elements): self = .array(elements.map { Self($0) })
    case .structure(let structure):
      var object = JSONObject()
      for (name, value) in zip(structure.names, structure.values) { object[name] = Self(value) }
      self = .object(object)
    case .map(let entries):
      var object = JSONObject()
      for entry in entries {
        let key = Self(entry.key)
        object[key.string ?? key.text()] = Self(entry.value)
      }
      self = .object(object)
    }
  }

  private init(word: String) {
    self = (try? Self(parsing: word, allowsNonFinite: true)) ?? .null
  }
}
