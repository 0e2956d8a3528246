/// Puts values together again from the columns that they are stored in.
///
/// The levels of each entry say where it belongs: an entry whose definition level is below that of a field stands
/// for a field that is null or empty, and one with the repetition level of a list is a further element of it.
/// (Melnik et al., "Dremel: Interactive Analysis of Web-Scale Datasets", 2010)
final class ValueAssembler {
  private enum Content {
    case column(ColumnReader)
    case structure(names: [String], [ValueAssembler])
    case list(SchemaNode.Levels, ValueAssembler)
    case map(SchemaNode.Levels, key: ValueAssembler, value: ValueAssembler)
  }

  /// The columns of the field.
  let columns: [ColumnReader]
  private let presence: Int?
  private let content: Content

  /// An assembler for the wanted columns of a field; nil if it has none.
  init?(_ node: SchemaNode, reading isWanted: (ParquetColumn) -> Bool) {
    presence = node.presence
    switch node.content {
    case .column(let column):
      guard isWanted(column) else { return nil }
      let reader = ColumnReader(column)
      content = .column(reader)
      columns = [reader]
    case .structure(let fields):
      let parts = fields.compactMap { field in
        ValueAssembler(field, reading: isWanted).map { (name: field.name, assembler: $0) }
      }
      guard !parts.isEmpty else { return nil }
      content = .structure(names: parts.map(\.name), parts.map(\.assembler))
      columns = parts.flatMap(\.assembler.columns)
    case .list(let levels, let node):
      guard let element = ValueAssembler(node, reading: isWanted) else { return nil }
      content = .list(levels, element)
      columns = element.columns
    case .map(let levels, let keyNode, let valueNode):
      guard let key = ValueAssembler(keyNode, reading: isWanted),
        let value = ValueAssembler(valueNode, reading: isWanted)
      else { return nil }
      content = .map(levels, key: key, value: value)
      columns = key.columns + value.columns
    }
  }

  /// The next value.
  ///
  /// - Parameter allowance: how many values the row may still have.
  func next(_ allowance: inout Int) throws(ParquetFault) -> ParquetValue {
    allowance -= 1
    guard allowance >= 0 else { throw ParquetFault("a row has far more values than the file") }
    if let presence, try isBelow(presence) {
      try skip()
      return .null
    }
    switch content {
    case .column(let reader):
      guard reader.hasEntry else { throw Self.disagreement }
      let value = try reader.value()
      try reader.advance()
      return value
    case .structure(let names, let fields):
      var values: [ParquetValue] = []
      values.reserveCapacity(fields.count)
      for field in fields { values.append(try field.next(&allowance)) }
      return .structure(ParquetStructure(names: names, values: values))
    case .list(let levels, let element):
      var elements: [ParquetValue] = []
      try repeating(levels) { () throws(ParquetFault) in
        elements.append(try element.next(&allowance))
      }
      return .list(elements)
    case .map(let levels, let key, let value):
      var entries: [ParquetEntry] = []
      try repeating(levels) { () throws(ParquetFault) in
        let key = try key.next(&allowance)
        entries.append(ParquetEntry(key: key, value: try value.next(&allowance)))
      }
      return .map(entries)
    }
  }

  /// Reads the elements of a list, each by `body`.
  private func repeating(
    _ levels: SchemaNode.Levels, _ body: () throws(ParquetFault) -> Void
  ) throws(ParquetFault) {
    guard try !isBelow(levels.definition) else {
      try skip()
      return
    }
    repeat {
      try body()
    } while try continues(levels)
  }

  /// Whether the current entries have a lower definition level; all columns must agree.
  private func isBelow(_ level: Int) throws(ParquetFault) -> Bool {
    let isBelow = columns[0].definition < level
    for column in columns where (column.definition < level) != isBelow || !column.hasEntry {
      throw Self.disagreement
    }
    return isBelow
  }

  /// Whether the current entries are a further element of a list; all columns must agree.
  private func continues(_ levels: SchemaNode.Levels) throws(ParquetFault) -> Bool {
    let continues = columns[0].repetition == levels.repetition
    for column in columns {
      guard (column.repetition == levels.repetition) == continues,
        column.repetition <= levels.repetition,
        !continues || column.definition >= levels.definition
      else { throw Self.disagreement }
    }
    return continues
  }

  /// Skips the entries of a field that is null or empty.
  private func skip() throws(ParquetFault) {
    for column in columns { try column.advance() }
  }

  private static var disagreement: ParquetFault {
    ParquetFault("the levels of its values make no lists or structures: the file is damaged")
  }
}
