extension Interpreter {
  /// Python's `format.format(…)`, with fields of plain specifications.
  func formatFields(_ format: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
    var reader = BraceFormat(
      interpreter: self, format: Array(format.scalars), arguments: arguments)
    return try text(try reader.run())
  }
}

/// Reads a format with braces and writes the arguments into it.
private struct BraceFormat {
  let interpreter: Interpreter
  let format: [Unicode.Scalar]
  let arguments: Arguments
  var at = 0
  /// The next argument of a field without a name; nil once fields are numbered.
  var automatic: Int? = 0

  init(interpreter: Interpreter, format: [Unicode.Scalar], arguments: Arguments) {
    (self.interpreter, self.format, self.arguments) = (interpreter, format, arguments)
  }

  mutating func run() throws(TemplateError) -> Text {
    var result = Text(bytes: [])
    while at < format.count {
      let scalar = format[at]
      at += 1
      if scalar == "{" || scalar == "}", at < format.count, format[at] == scalar {
        result.append(scalar)
        at += 1
      } else if scalar == "{" {
        result.bytes += try field().bytes
        try interpreter.checkLength(result.bytes.count)
      } else if scalar == "}" {
        throw .runtime("a single \"}\" stands in a format")
      } else {
        result.append(scalar)
      }
    }
    return result
  }

  private mutating func field() throws(TemplateError) -> Text {
    guard let end = format[at...].firstIndex(of: "}") else {
      throw .runtime("a field of a format does not end")
    }
    var field = format[at..<end]
    at = end + 1
    guard !field.contains("{") else {
      throw .runtime("fields inside fields of a format are not part of chat templates")
    }
    var specification: ArraySlice<Unicode.Scalar> = []
    if let colon = field.firstIndex(of: ":") {
      specification = field[(colon + 1)...]
      field = field[..<colon]
    }
    var conversion: Unicode.Scalar?
    if let mark = field.firstIndex(of: "!") {
      guard field.endIndex - mark == 2 else { throw .runtime("a conversion is one letter") }
      conversion = field[mark + 1]
      field = field[..<mark]
    }
    var value = try self.value(field)
    switch conversion {
    case nil: break
    case "s": value = .string(try interpreter.string(value))
    case "r", "a": value = .string(Text(bytes: try interpreter.represented(value)))
    default: throw .runtime("the conversion of a format's field is unknown")
    }
    return try write(value, specification)
  }

  private mutating func value(_ path: ArraySlice<Unicode.Scalar>) throws(TemplateError) -> Value {
    let first = path.prefix { $0 != "." && $0 != "[" }
    var value = try argument(Text(first).string)
    var rest = path[first.endIndex...]
    while let mark = rest.popFirst() {
      if mark == "." {
        let name = rest.prefix { $0 != "." && $0 != "[" }
        value = try interpreter.attribute(Text(name), of: value)
        rest = rest[name.endIndex...]
      } else if mark == "[", let end = rest.firstIndex(of: "]") {
        let key = Text(rest[..<end])
        value = try interpreter.element(
          Int(key.string).map(Value.integer) ?? .string(key), of: value)
        rest = rest[(end + 1)...]
      } else {
        throw .runtime("the name of a format's field cannot be read")
      }
      if case .undefined(let message) = value { throw .runtime(message) }
    }
    return value
  }

  private mutating func argument(_ name: String) throws(TemplateError) -> Value {
    var position = Int(name)
    if name.isEmpty {
      position = automatic
      automatic = automatic.map { $0 + 1 }
    } else if position != nil {
      guard automatic == nil || automatic == 0 else {
        throw .runtime("a format counts its fields and numbers them as well")
      }
      automatic = nil
    }
    if let position, arguments.positional.indices.contains(position) {
      return arguments.positional[position]
    }
    let named = arguments.keywords.first { $0.name == Text(name) }
    guard let named, !name.isEmpty else {
      throw .runtime("the format's field \"\(name)\" is not given")
    }
    return named.value
  }

  private func write(
    _ value: Value, _ text: ArraySlice<Unicode.Scalar>
  ) throws(TemplateError) -> Text {
    if text.isEmpty { return try interpreter.string(value) }
    var specification = try self.specification(text)
    try interpreter.checkLength(max(specification.width, specification.precision ?? 0))
    switch value {
    case .string(let string):
      guard specification.type == nil || specification.type == "s" else { break }
      var scalars = Array(string.scalars)
      if let precision = specification.precision { scalars = Array(scalars.prefix(precision)) }
      return specification.padded(Text(scalars).string, by: "<")
    case .bool, .integer:
      guard let number = value.integer else { break }
      if specification.type == "c",
        let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init)
      {
        return specification.padded(String(scalar), by: "<")
      }
      if specification.precision == nil, let text = specification.written(number) { return text }
      guard let type = specification.type, "eEfFgG%".unicodeScalars.contains(type) else { break }
      if let text = specification.written(Double(number)) { return text }
    case .double(let number):
      if let text = specification.written(number) { return text }
    default: break
    }
    specification.type = nil
    throw .runtime("a format does not fit a value of type \(value.typeName)")
  }

  private func specification(
    _ text: ArraySlice<Unicode.Scalar>
  ) throws(TemplateError) -> FormatSpecification {
    var rest = text
    var result = FormatSpecification()
    func isAlignment(_ scalar: Unicode.Scalar?) -> Bool {
      scalar.map { "<>^=".unicodeScalars.contains($0) } ?? false
    }
    if isAlignment(rest.dropFirst().first), let fill = rest.popFirst() {
      result.fill = fill
      result.alignment = rest.popFirst()
    } else if isAlignment(rest.first) {
      result.alignment = rest.popFirst()
    }
    if let sign = rest.first, "+- ".unicodeScalars.contains(sign) {
      result.sign = sign
      rest.removeFirst()
    }
    if rest.first == "#" {
      result.isAlternate = true
      rest.removeFirst()
    }
    if rest.first == "0", result.alignment == nil { (result.fill, result.alignment) = ("0", "=") }
    func number() -> Int? {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      rest = rest[digits.endIndex...]
      return digits.isEmpty ? nil : Int(Text(digits).string) ?? Int.max
    }
    result.width = number() ?? 0
    if rest.first == "," {
      result.groupsThousands = true
      rest.removeFirst()
    }
    if rest.first == "." {
      rest.removeFirst()
      result.precision = number()
    }
    result.type = rest.popFirst()
    guard rest.isEmpty else { throw .runtime("a format's specification cannot be read") }
    return result
  }
}
