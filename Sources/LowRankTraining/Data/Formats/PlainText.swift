import LowRankCheckpoints

/// Reads one text a line, under the name `text`.
func plainText(_ bytes: UnsafeRawBufferPointer, file: String) throws -> TableContent {
  let rows = try Lines(bytes).map { number, line in
    let text = try validated(line, at: "\(file), line \(number)")
    return DataRow(number: number, fields: ["text": .string(text)])
  }
  return TableContent(rows: rows)
}
