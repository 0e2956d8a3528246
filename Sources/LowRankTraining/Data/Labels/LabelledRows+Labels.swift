import LowRankCheckpoints

extension LabelledRows {
  /// The distinct labels, ordered by the bytes of their UTF-8.
  public var labelNames: [String] {
    Set(rows.flatMap(\.names).map { ExactText($0) }).sorted().map(\.string)
  }

  /// The labels that occur; none where none are read.
  ///
  /// - Parameters:
  ///   - others: the rows of the data set's other files.
  ///   - counts: the numbers of classes of known heads, in order of preference.
  /// - Throws: `DataError` if the classes cannot be determined.
  public func collectedLabels(
    with others: [LabelledRows] = [], counts: [Int] = []
  ) throws(DataError) -> LabelMap? {
    guard columns.label != nil else { return nil }
    if let flagCount { return LabelMap((0..<flagCount).map(String.init)) }
    let named = rows.flatMap { row in row.names.map { (name: $0, place: row.place) } }
    guard !named.isEmpty else { throw DataError(source, "no row has a label") }
    if let classNames, task == .multilabel || labelNames.count > 1 {
      // The data set numbers all of its classes, those included that these rows lack.
      let map = LabelMap(classNames)
      guard let stray = named.first(where: { map.index(of: $0.name) == nil }) else { return map }
      throw DataError(
        stray.place,
        "the label is \(stray.name), expected one of the \(classNames.count) classes that the file names, 0 to \(classNames.count - 1)"
          + Self.hint(of: stray.name))
    }
    let map = try LabelMap(
      collecting: named.map(\.name), others: others.flatMap { $0.rows.flatMap(\.names) },
      counts: counts
    ) { named[$0].place }
    guard task == .multilabel || map.count > 1 else {
      throw DataError(
        source,
        "every row has the label \"\(map[0])\", expected at least two to tell apart"
          + Self.hint(of: map[0]))
    }
    return map
  }

  private static func hint(of label: String) -> String {
    label == "-1" ? "; benchmarks write -1 where they keep the label secret" : ""
  }

  /// The number of rows that would stop a run.
  var refusedCount: Int { rows.count { $0.refusal != nil } }

  /// Whether rows would stop a run.
  var hasRefusals: Bool { refusedCount > 0 }

  /// Whether no row has a known label: benchmarks write -1, or nothing, to keep labels secret.
  var keepsLabelsSecret: Bool {
    rows.allSatisfy { row in row.refusal != nil || row.names.allSatisfy { wholeLabel($0) == "-1" } }
  }
}

extension LabelledRow {
  /// The names that the label consists of.
  fileprivate var names: [String] {
    switch label {
    case .name(let name): [name]
    case .names(let names): names
    case .flags, .number, nil: []
    }
  }

  /// The label in numbers.
  ///
  /// - Throws: `DataError` where it is none of the known ones.
  func target(_ labels: LabelMap?) throws(DataError) -> LabelTarget? {
    if let refusal { throw refusal }
    if case .number(let number) = label { return .number(number) }
    guard let label else { return nil }
    guard let labels else { preconditionFailure("\(place) has a label, but no label is known") }
    if case .flags(let indices, let count) = label {
      guard count == labels.count else {
        throw DataError(
          place,
          "the row has a 0 or 1 for \(count) labels, but training had \(labels.count) labels")
      }
      return .classes(indices)
    }
    var indices: [Int] = []
    for name in names { indices.append(try labels.index(of: name, at: place)) }
    if case .name = label { return .classIndex(indices[0]) }
    return .classes(Set(indices).sorted())
  }
}
