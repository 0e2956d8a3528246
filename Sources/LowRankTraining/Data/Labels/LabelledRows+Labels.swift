import LowRankCheckpoints

extension LabelledRows {
  /// The distinct labels that occur, ordered by the bytes of their UTF-8.
  public var labelNames: [String] {
    Set(rows.flatMap(\.names).map { ExactText($0) }).sorted().map(\.string)
  }

  /// The labels that occur; none where none are read.
  ///
  /// - Throws: `DataError` where they cannot be numbered, or there is nothing to tell apart.
  public func collectedLabels() throws(DataError) -> LabelMap? {
    guard columns.label != nil else { return nil }
    let named = rows.flatMap { row in row.names.map { (name: $0, place: row.place) } }
    guard !named.isEmpty else { throw DataError(source, "no row has a label") }
    let map = try LabelMap(collecting: named.map(\.name)) { named[$0].place }
    guard task == .multilabel || map.count > 1 else {
      throw DataError(
        source, "every row has the label \"\(map[0])\", expected at least two to tell apart")
    }
    return map
  }
}

extension LabelledRow {
  /// The names that the label consists of.
  fileprivate var names: [String] {
    switch label {
    case .name(let name): [name]
    case .names(let names): names
    case .number, nil: []
    }
  }

  /// The label in numbers.
  ///
  /// - Throws: `DataError` where it is none of the known ones.
  func target(_ labels: LabelMap?) throws(DataError) -> LabelTarget? {
    if case .number(let number) = label { return .number(number) }
    guard let label else { return nil }
    guard let labels else { preconditionFailure("\(place) has a label, but no label is known") }
    var indices: [Int] = []
    for name in names { indices.append(try labels.index(of: name, at: place)) }
    if case .name = label { return .classIndex(indices[0]) }
    return .classes(Set(indices).sorted())
  }
}
