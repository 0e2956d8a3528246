extension RowLabel {
  /// The width of labels that say by a 0 or 1 for each label whether a row has it: all of a file have as many, at least two.
  ///
  /// Lists of three or more that hold nothing else cannot name labels, since one would stand there twice; in a file of pairs
  /// every row would have both.
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

  /// The label with its names taken for a 0 or 1 each.
  var asFlags: RowLabel {
    guard case .names(let names) = self else { return self }
    return .flags(
      names.indices.filter { RowLabel.flag(names[$0]) == true }, count: names.count)
  }

  /// The whole number that a list of names holds twice, which no list of labels does.
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
