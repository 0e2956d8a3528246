extension Filters {
  static let orders: [String: Filter] = [
    "sort": sort, "dictsort": dictsort, "unique": unique, "groupby": groupby,
    "min": { interpreter, value, arguments throws(TemplateError) in
      try extreme("min", interpreter, value, arguments)
    },
    "max": { interpreter, value, arguments throws(TemplateError) in
      try extreme("max", interpreter, value, arguments)
    },
  ]

  private static let sort: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("sort", ["reverse", "case_sensitive", "attribute"])
    let ignoresCase = given[1]?.isTrue != true
    var attributes: [Value?] = [given[2]]
    if case .string(let text)? = given[2] {
      attributes = text.split(",", limit: .max).map { Value.string($0) }
    }
    let paths = try attributes.mapped { attribute throws(TemplateError) in
      try AttributePath(attribute, ignoresCase: ignoresCase)
    }
    let values = try interpreter.elements(of: value)
    let keys = try values.mapped { value throws(TemplateError) in
      try interpreter.list(
        try paths.mapped { path throws(TemplateError) in try path.value(of: value, interpreter) })
    }
    let order = try interpreter.sorted(
      keys, by: Array(values.indices), descending: given[0]?.isTrue ?? false)
    return try interpreter.list(order.map { values[$0] })
  }

  private static let dictsort: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("dictsort", ["case_sensitive", "by", "reverse"])
    guard case .dictionary(let mapping) = value else {
      throw .runtime("dictsort takes a dictionary, and not a \(value.typeName)")
    }
    let by = given[1]?.text?.string ?? "key"
    guard by == "key" || by == "value" else {
      throw .runtime("dictsort sorts by \"key\" or \"value\"")
    }
    let path = try AttributePath(nil, ignoresCase: given[0]?.isTrue != true)
    let keys = try mapping.entries.mapped { entry throws(TemplateError) in
      try path.value(of: by == "key" ? entry.key : entry.value, interpreter)
    }
    let pairs = try interpreter.pairs(mapping).values
    let order = try interpreter.sorted(
      keys, by: Array(pairs.indices), descending: given[2]?.isTrue ?? false)
    return try interpreter.list(order.map { pairs[$0] })
  }

  private static let unique: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("unique", ["case_sensitive", "attribute"])
    let path = try AttributePath(given[1], ignoresCase: given[0]?.isTrue != true)
    var seen: Set<DictionaryKey> = []
    var kept: [Value] = []
    for item in try interpreter.elements(of: value) {
      let key = try DictionaryKey(try path.value(of: item, interpreter))
      if seen.insert(key).inserted { kept.append(item) }
    }
    return try interpreter.iterator(kept)
  }

  private static let groupby: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound(
      "groupby", ["attribute", "default", "case_sensitive"], required: 1)
    let ignoresCase = given[2]?.isTrue != true
    let path = try AttributePath(given[0], fallback: given[1], ignoresCase: ignoresCase)
    let shown = try AttributePath(given[0], fallback: given[1])
    let values = try interpreter.elements(of: value)
    let keys = try values.mapped { value throws(TemplateError) in
      try path.value(of: value, interpreter)
    }
    var groups: [(key: Value, members: [Value])] = []
    for position in try interpreter.sorted(keys, by: Array(values.indices)) {
      if let last = groups.last, try interpreter.equal(last.key, keys[position]) {
        groups[groups.count - 1].members.append(values[position])
      } else {
        groups.append((keys[position], [values[position]]))
      }
    }
    return try interpreter.list(
      try groups.mapped { group throws(TemplateError) in
        let name = try shown.value(of: group.members[0], interpreter)
        var pair = try interpreter.items([name, try interpreter.list(group.members)])
        pair.isGroup = true
        return .tuple(pair)
      })
  }

  private static func extreme(
    _ name: String, _ interpreter: Interpreter, _ value: Value, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let given = try arguments.bound(name, ["case_sensitive", "attribute"])
    let path = try AttributePath(given[1], ignoresCase: given[0]?.isTrue != true)
    var best: (key: Value, value: Value)?
    for item in try interpreter.elements(of: value) {
      let key = try path.value(of: item, interpreter)
      guard let current = best else {
        best = (key, item)
        continue
      }
      let isBetter =
        name == "min"
        ? try interpreter.less(key, current.key) : try interpreter.less(current.key, key)
      if isBetter { best = (key, item) }
    }
    return best?.value ?? .undefined("there is no item to choose, the sequence is empty")
  }
}
