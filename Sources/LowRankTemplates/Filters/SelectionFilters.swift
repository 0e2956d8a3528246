extension Filters {
  static let selections: [String: Filter] = [
    "map": map,
    "select": { interpreter, value, arguments throws(TemplateError) in
      try chosen(interpreter, value, arguments, byAttribute: false, wanted: true)
    },
    "reject": { interpreter, value, arguments throws(TemplateError) in
      try chosen(interpreter, value, arguments, byAttribute: false, wanted: false)
    },
    "selectattr": { interpreter, value, arguments throws(TemplateError) in
      try chosen(interpreter, value, arguments, byAttribute: true, wanted: true)
    },
    "rejectattr": { interpreter, value, arguments throws(TemplateError) in
      try chosen(interpreter, value, arguments, byAttribute: true, wanted: false)
    },
  ]

  private static let map: Filter = { interpreter, value, arguments throws(TemplateError) in
    guard value.isTrue else { return try interpreter.iterator([]) }
    let named = arguments.keywords.contains { $0.name == "attribute" }
    var results: [Value] = []
    if arguments.positional.isEmpty, named {
      let given = try arguments.bound("map", ["attribute", "default"])
      let path = try AttributePath(given[0], fallback: given[1])
      for item in try interpreter.elements(of: value) {
        results.append(try path.value(of: item, interpreter))
      }
    } else {
      guard let name = arguments.positional.first else {
        throw .runtime("map takes the name of a filter, or an attribute")
      }
      let filter = try interpreter.requiredText(name, "map").string
      var rest = arguments
      rest.positional.removeFirst()
      for item in try interpreter.elements(of: value) {
        results.append(try interpreter.applyFilter(filter, item, rest))
      }
    }
    return try interpreter.iterator(results)
  }

  /// The items, or their attributes, that pass a test, or fail it.
  private static func chosen(
    _ interpreter: Interpreter, _ value: Value, _ arguments: Arguments, byAttribute: Bool,
    wanted: Bool
  ) throws(TemplateError) -> Value {
    guard value.isTrue else { return try interpreter.iterator([]) }
    var rest = arguments
    var path: AttributePath?
    if byAttribute {
      guard !rest.positional.isEmpty else { throw .runtime("the name of an attribute is lacking") }
      path = try AttributePath(rest.positional.removeFirst())
    }
    var test: String?
    if !rest.positional.isEmpty {
      test = try interpreter.requiredText(rest.positional.removeFirst(), "a selection").string
    }
    var kept: [Value] = []
    for item in try interpreter.elements(of: value) {
      let looked = try path?.value(of: item, interpreter) ?? item
      let passes = try test.map { name throws(TemplateError) in
        try interpreter.applyTest(name, looked, rest)
      }
      if passes ?? looked.isTrue == wanted { kept.append(item) }
    }
    return try interpreter.iterator(kept)
  }
}
