import LowRankCheckpoints

/// The names of classes by column, where a data set numbers the classes of its labels.
///
/// The `datasets` library stores them in Parquet files, as features of the types `ClassLabel` and lists of it.
struct ClassNames: Sendable {
  private var columns: [ExactText: (names: [String], isList: Bool)] = [:]

  /// No names.
  init() {}

  /// Reads the text that the library stores under `huggingface`; nothing is read from what is not of its form.
  init(features text: String?) {
    guard let text, let json = try? JSONValue(parsing: text),
      let features = json.object?["info"]?.object?["features"]?.object
    else { return }
    for (column, feature) in features.entries {
      let element = feature.array?.first ?? feature.object?["feature"]
      guard let names = Self.names(element ?? feature) else { continue }
      columns[ExactText(column)] = (names, element != nil)
    }
  }

  /// A column whose classes have other names elsewhere, or another order; nil if there is none.
  func difference(from other: ClassNames) -> String? {
    columns.first { column, own in
      other.columns[column].map { $0.names != own.names } ?? false
    }?.key.string
  }

  /// The names of a column in the order of their numbers; nil if it has none.
  subscript(column: String) -> [String]? { columns[ExactText(column)]?.names }

  /// The value of a column with names instead of numbers of classes.
  ///
  /// Lists of zeros and ones are left, since they may say of each label whether a row has it.
  func named(_ value: JSONValue, in column: String) -> JSONValue {
    guard let (names, isList) = columns[ExactText(column)] else { return value }
    func named(_ value: JSONValue) -> JSONValue {
      guard let number = value.integer, names.indices.contains(number) else { return value }
      return .string(names[number])
    }
    guard isList else { return named(value) }
    guard names.count > 2, let array = value.array else { return value }
    return .array(array.map(named))
  }

  private static func names(_ feature: JSONValue) -> [String]? {
    guard let object = feature.object, object["_type"]?.string == "ClassLabel",
      let names = object["names"]?.array?.compactMap(\.string), !names.isEmpty,
      Set(names.map(ExactText.init)).count == names.count, names.count <= LabelMap.most
    else { return nil }
    return names
  }
}
