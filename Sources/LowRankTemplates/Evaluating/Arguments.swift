/// What a call gives, and how it falls on the names of parameters.
struct Arguments {
  var positional: [Value] = []
  var keywords: [(name: Text, value: Value)] = []

  var isEmpty: Bool { positional.isEmpty && keywords.isEmpty }

  /// The values by parameter, nil where neither given nor required.
  func bound(
    _ function: String, _ names: [Text], required: Int = 0
  ) throws(TemplateError) -> [Value?] {
    guard positional.count <= names.count else {
      throw .runtime("\(function) takes at most \(names.count) arguments")
    }
    var values: [Value?] = positional + Array(repeating: nil, count: names.count - positional.count)
    for (name, value) in keywords {
      guard let position = names.firstIndex(of: name) else {
        throw .runtime("\(function) takes no argument named \"\(name.string)\"")
      }
      guard values[position] == nil else {
        throw .runtime("\(function) is given \"\(name.string)\" twice")
      }
      values[position] = value
    }
    for position in 0..<required where values[position] == nil {
      throw .runtime("\(function) lacks the argument \"\(names[position].string)\"")
    }
    return values
  }

  /// The values where only positions count, as in most methods of Python.
  func positionalOnly(
    _ function: String, _ allowed: ClosedRange<Int>
  ) throws(TemplateError) -> [Value] {
    guard keywords.isEmpty else { throw .runtime("\(function) takes no named arguments") }
    guard allowed.contains(positional.count) else {
      throw .runtime("\(function) does not take \(positional.count) arguments")
    }
    return positional
  }
}
