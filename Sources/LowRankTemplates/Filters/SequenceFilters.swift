extension Filters {
  static let sequences: [String: Filter] = [
    "length": length, "count": length, "first": first, "last": last, "list": list,
    "join": join, "reverse": reverse, "batch": batch, "slice": slice, "sum": sum, "items": items,
  ]

  private static let length: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("length", [])
    guard let length = try interpreter.length(value) else {
      throw .runtime("a value of type \(value.typeName) has no length")
    }
    return .integer(length)
  }

  private static let first: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("first", [])
    if case .object(let iterator as IteratorObject) = value {
      return iterator.next() ?? .undefined("there is no first item, the sequence is empty")
    }
    return try interpreter.elements(of: value).first
      ?? .undefined("there is no first item, the sequence is empty")
  }

  private static let last: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("last", [])
    if case .object = value {
      throw .runtime("a value of type \(value.typeName) cannot be iterated from its end")
    }
    return try interpreter.elements(of: value).last
      ?? .undefined("there is no last item, the sequence is empty")
  }

  private static let list: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("list", [])
    return try interpreter.list(try interpreter.elements(of: value))
  }

  private static let join: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("join", ["d", "attribute"])
    var values = try interpreter.elements(of: value)
    if let attribute = given[1], !isNone(attribute) {
      let path = try AttributePath(attribute)
      values = try values.mapped { value throws(TemplateError) in
        try path.value(of: value, interpreter)
      }
    }
    let separator = try interpreter.string(given[0] ?? .empty)
    return try interpreter.join(values, separator, convert: true)
  }

  private static let reverse: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("reverse", [])
    let reversed = Array(try interpreter.elements(of: value).reversed())
    switch value {
    case .string(let text): return try interpreter.text(Text(text.scalars.reversed()))
    case .object: return try interpreter.list(reversed)
    default: return try interpreter.iterator(reversed)
    }
  }

  private static let batch: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("batch", ["linecount", "fill_with"], required: 1)
    let count = try interpreter.requiredInteger(given[0] ?? .none, "batch")
    guard count > 0 else { throw .runtime("batch takes a positive number") }
    let values = try interpreter.elements(of: value)
    var batches: [Value] = []
    for start in stride(from: 0, to: values.count, by: count) {
      var batch = Array(
        values[start..<min(start.addingReportingOverflow(count).partialValue, values.count)])
      if let fill = given[1], !isNone(fill), batch.count < count {
        try interpreter.checkLength(count)
        batch += Array(repeating: fill, count: count - batch.count)
      }
      batches.append(try interpreter.list(batch))
    }
    return try interpreter.iterator(batches)
  }

  private static let slice: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("slice", ["slices", "fill_with"], required: 1)
    let count = try interpreter.requiredInteger(given[0] ?? .none, "slice")
    guard count != 0 else { throw .runtime("a division by zero") }
    let values = try interpreter.elements(of: value)
    try interpreter.checkLength(max(count, 0))
    try interpreter.step(max(count, 0))
    var slices: [Value] = []
    var start = 0
    for position in 0..<max(count, 0) {
      let isLonger = position < values.count % count
      let end = start + values.count / count + (isLonger ? 1 : 0)
      var slice = Array(values[start..<end])
      if let fill = given[1], !isNone(fill), !isLonger { slice.append(fill) }
      slices.append(try interpreter.list(slice))
      start = end
    }
    return try interpreter.iterator(slices)
  }

  private static let sum: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("sum", ["attribute", "start"])
    var total = given[1] ?? .integer(0)
    if case .string = total { throw .runtime("sum does not add strings") }
    let path = try AttributePath(given[0])
    for item in try interpreter.elements(of: value) {
      total = try interpreter.arithmetic(.add, total, try path.value(of: item, interpreter))
    }
    return total
  }

  private static let items: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("items", [])
    if value.isUndefined { return try interpreter.iterator([]) }
    guard case .dictionary(let mapping) = value else {
      throw .runtime("items takes a dictionary, and not a \(value.typeName)")
    }
    return try interpreter.iterator(try interpreter.pairs(mapping).values)
  }
}

extension Array {
  func mapped<Result>(
    _ transform: (Element) throws(TemplateError) -> Result
  ) throws(TemplateError) -> [Result] {
    var results: [Result] = []
    results.reserveCapacity(count)
    for element in self { results.append(try transform(element)) }
    return results
  }
}
