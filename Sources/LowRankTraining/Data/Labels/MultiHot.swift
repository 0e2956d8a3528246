extension RowLabel {
  /// The number of labels if all rows are multi-hot lists of the same length, at least two; else nil.
  ///
  /// Lists of three or more zeros and ones cannot be names, since a list would contain one twice. In a file of pairs,
  /// every row would have both labels.
  static func flagCount(of labels: some Sequence<RowLabel>) -> Int? {
    var count: Int?
    for label in labels {
      guard case .names(let names) = label, names.count > 1, names.count == count ?? names.count,
        names.allSatisfy({ flag($0) != nil })
      else { return nil }
      count = names.count
    }
    return count
  }

  /// The label with its names read as multi-hot.
  var asFlags: RowLabel {
    guard case .names(let names) = self else { return self }
    return .flags(
      names.indices.filter { RowLabel.flag(names[$0]) == true }, count: names.count)
  }

  /// The whole number that a list of names contains twice, which no list of labels does.
  var repeatedNumber: Int? {
    guard case .names(let names) = self else { return nil }
    let numbers = names.compactMap(wholeNumber)
    guard numbers.count == names.count, Set(numbers).count < numbers.count else { return nil }
    return numbers.first { number in numbers.count { $0 == number } > 1 }
  }

  private static func flag(_ name: String) -> Bool? {
    switch name {
    case "0", "0.0", "false", "False": false
    case "1", "1.0", "true", "True": true
    default: nil
    }
  }
}
