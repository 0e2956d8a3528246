/// The filters by name; each file beside this one holds those of a kind.
enum Filters {
  typealias Filter =
    @Sendable (Interpreter, Value, Arguments) throws(TemplateError) -> Value

  static let all: [String: Filter] = [text, numbers, sequences, orders, selections, others]
    .reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }

  private static let others: [String: Filter] = [
    "default": fallback, "d": fallback, "tojson": json,
    "attr": { interpreter, value, arguments throws(TemplateError) in
      let name = try arguments.bound("attr", ["name"], required: 1)[0] ?? .none
      if case .undefined(let message) = value { throw .runtime(message) }
      let text = try interpreter.requiredText(name, "attr")
      if case .dictionary = value, !interpreter.hasMethod(text, value) {
        return .undefined("a dict has no attribute \"\(text.string)\"")
      }
      return try interpreter.attribute(text, of: value)
    },
  ]

  private static let fallback: Filter = { _, value, arguments throws(TemplateError) in
    let given = try arguments.bound("default", ["default_value", "boolean"])
    let isMissing = value.isUndefined || given[1]?.isTrue == true && !value.isTrue
    return isMissing ? given[0] ?? .empty : value
  }

  /// As transformers defines it: plain JSON, nothing escaped for HTML.
  private static let json: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound(
      "tojson", ["ensure_ascii", "indent", "separators", "sort_keys"])
    var writer = JSONWriter(interpreter: interpreter)
    writer.escapesNonASCII = given[0]?.isTrue ?? false
    switch given[1] {
    case nil, Value.none?: break
    case .string(let text)?: writer.indent = text
    case let width?:
      let count = max(0, try interpreter.requiredInteger(width, "tojson"))
      try interpreter.checkLength(count)
      writer.indent = Text(bytes: Array(repeating: 0x20, count: count))
    }
    if writer.indent != nil { writer.itemSeparator = "," }
    if let separators = given[2], separators.isTrue {
      let values = try interpreter.elements(of: separators)
      guard values.count == 2 else { throw .runtime("tojson takes two separators") }
      writer.itemSeparator = try interpreter.requiredText(values[0], "tojson")
      writer.keySeparator = try interpreter.requiredText(values[1], "tojson")
    }
    writer.sortsKeys = given[3]?.isTrue ?? false
    try writer.write(value)
    return try interpreter.text(Text(bytes: writer.bytes))
  }
}
