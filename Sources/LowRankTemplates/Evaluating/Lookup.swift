extension Interpreter {
  /// `value.name`: what Python's object has, and else an element of that name.
  func attribute(_ name: Text, of value: Value) throws(TemplateError) -> Value {
    if let found = try pythonAttribute(name, of: value) { return found }
    if case .dictionary(let mapping) = value, let found = mapping[name] { return found }
    return try missing(name, of: value)
  }

  /// `value[index]`: an element, and else an attribute of that name.
  func element(_ index: Value, of value: Value) throws(TemplateError) -> Value {
    if let found = try pythonElement(index, of: value) { return found }
    if case .string(let name) = index {
      if let found = try pythonAttribute(name, of: value) { return found }
      return try missing(name, of: value)
    }
    return .undefined("a value of type \(value.typeName) has no such element")
  }

  private func missing(_ name: Text, of value: Value) throws(TemplateError) -> Value {
    if case .undefined(let message) = value { throw .runtime(message) }
    return .undefined("a value of type \(value.typeName) has no \"\(name.string)\"")
  }

  private func pythonElement(
    _ index: Value, of value: Value
  ) throws(TemplateError) -> Value? {
    switch value {
    case .undefined(let message): throw .runtime(message)
    case .dictionary(let mapping):
      guard let key = try? DictionaryKey(index) else { return nil }
      return mapping[key]
    case .list(let items), .tuple(let items):
      return Self.position(index, items.values.count).map { items.values[$0] }
    case .range(let range): return Self.position(index, range.count).map { range[$0] }
    case .string(let text):
      guard index.integer != nil else { return nil }
      if text.isASCII {
        return Self.position(index, text.bytes.count).map {
          .string(Text(bytes: [text.bytes[$0]]))
        }
      }
      try step(text.bytes.count / 64)
      let offsets = text.offsets
      return Self.position(index, offsets.count - 1).map {
        .string(Text(bytes: Array(text.bytes[offsets[$0]..<offsets[$0 + 1]])))
      }
    default: return nil
    }
  }

  /// Where an index points, counted from the end where it is negative.
  private static func position(_ index: Value, _ count: Int) -> Int? {
    guard let index = index.integer, index < count, index >= -count else { return nil }
    return index < 0 ? index + count : index
  }

  /// What Python finds on the object itself, as far as the sandbox shows it.
  private func pythonAttribute(_ name: Text, of value: Value) throws(TemplateError) -> Value? {
    switch value {
    case .object(let namespace as NamespaceObject): return namespace.attributes[name]
    case .object(let loop as LoopObject): return try attribute(name, of: loop)
    case .object(let macro as MacroObject): return attribute(name, of: macro)
    case .object(let cycler as CyclerObject) where name == "current":
      return cycler.items.isEmpty ? nil : cycler.items[cycler.position]
    case .tuple(let items) where items.isGroup && name == "grouper": return items.values[0]
    case .tuple(let items) where items.isGroup && name == "list": return items.values[1]
    default:
      if hasMethod(name, value) { return bound(value, name.string) }
      if Methods.forbidden(name.string, value) {
        return .undefined(
          "the sandbox does not let a template call \"\(name.string)\" of a \(value.typeName)")
      }
      return nil
    }
  }

  /// A method kept as a value.
  func bound(_ value: Value, _ name: String) -> Value {
    .object(
      keep(
        FunctionObject(name) { interpreter, arguments throws(TemplateError) in
          try interpreter.callMethod(name, of: value, arguments)
        }))
  }

  // MARK: Slices

  func slice(
    _ base: Expression, _ start: Expression?, _ stop: Expression?, _ step: Expression?,
    _ scope: Scope
  ) throws(TemplateError) -> Value {
    let value = try evaluate(base, scope)
    let bounds = (
      try bound(start, scope), try bound(stop, scope), try bound(step, scope)
    )
    func positions(_ count: Int) throws(TemplateError) -> [Int] {
      try Self.positions(count, bounds.0, bounds.1, bounds.2 ?? 1)
    }
    switch value {
    case .undefined(let message): throw .runtime(message)
    case .string(let text):
      try self.step(text.bytes.count / 64)
      let offsets = text.offsets
      let chosen = try positions(offsets.count - 1)
      if bounds.2 ?? 1 == 1 {
        guard let first = chosen.first, let last = chosen.last else { return .empty }
        return try self.text(Text(bytes: Array(text.bytes[offsets[first]..<offsets[last + 1]])))
      }
      var bytes: [UInt8] = []
      for position in chosen { bytes += text.bytes[offsets[position]..<offsets[position + 1]] }
      return try self.text(Text(bytes: bytes))
    case .list(let items):
      return try list(try positions(items.values.count).map { items.values[$0] })
    case .tuple(let items):
      return .tuple(try self.items(try positions(items.values.count).map { items.values[$0] }))
    case .range(let range):
      let (first, last, stride) = try Self.bounds(
        range.count, bounds.0, bounds.1, bounds.2 ?? 1)
      func number(_ position: Int) throws(TemplateError) -> Value {
        try arithmetic(
          .add, .integer(range.start),
          try arithmetic(.multiply, .integer(position), .integer(range.step)))
      }
      guard let start = try number(first).integer, let stop = try number(last).integer,
        let step = try arithmetic(.multiply, .integer(stride), .integer(range.step)).integer
      else { return .none }
      return .range(try IntegerRange(start: start, stop: stop, step: step))
    default: throw .runtime("a value of type \(value.typeName) has no slices")
    }
  }

  private func bound(_ expression: Expression?, _ scope: Scope) throws(TemplateError) -> Int? {
    guard let expression else { return nil }
    let value = try evaluate(expression, scope)
    if case .none = value { return nil }
    guard let bound = value.integer else {
      throw .runtime("the bounds of a slice are not integers")
    }
    return bound
  }

  /// The positions that Python's `slice(start, stop, step)` takes of so many.
  static func positions(
    _ count: Int, _ start: Int?, _ stop: Int?, _ step: Int
  ) throws(TemplateError) -> [Int] {
    let (first, last, step) = try bounds(count, start, stop, step)
    return Array(stride(from: first, to: last, by: min(max(step, -count - 1), count + 1)))
  }

  private static func bounds(
    _ count: Int, _ start: Int?, _ stop: Int?, _ step: Int
  ) throws(TemplateError) -> (first: Int, last: Int, step: Int) {
    guard step != 0 else { throw .runtime("the step of a slice cannot be zero") }
    let lowest = step > 0 ? 0 : -1
    let highest = step > 0 ? count : count - 1
    func place(_ bound: Int?, _ fallback: Int) -> Int {
      guard let bound else { return fallback }
      // Anything beyond either end is the end.
      let within = min(max(bound, -count - 1), count + 1)
      return min(max(within < 0 ? within + count : within, lowest), highest)
    }
    let first = place(start, step > 0 ? lowest : highest)
    let last = place(stop, step > 0 ? highest : lowest)
    return (first, last, step)
  }
}
