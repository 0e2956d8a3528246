import LowRankCheckpoints

extension UsageError {
  /// A flag has a value that is none of those it takes: names them all, and the one that is close.
  package static func value(_ value: String, of flag: String, expected values: [String])
    -> UsageError
  {
    let list = [values.dropLast().joined(separator: ", ")] + values.suffix(1)
    return UsageError(
      "\(flag) is \"\(value)\", expected \(list.filter { !$0.isEmpty }.joined(separator: " or "))"
        + suggestion(for: value, among: values))
  }
}
