extension Interpreter {
  /// Python's `format % values`.
  func formatted(_ format: Text, with values: Value) throws(TemplateError) -> Value {
    var reader = PercentFormat(interpreter: self, format: Array(format.scalars), values: values)
    return try text(try reader.run())
  }
}

/// Reads a format with "%" and writes the values into it.
private struct PercentFormat {
  let interpreter: Interpreter
  let format: [Unicode.Scalar]
  let mapping: Mapping?
  /// Whether values may be left over, as Python lets them where they come in a container.
  let isContainer: Bool
  var positional: ArraySlice<Value>
  var at = 0
  var usesNames = false

  init(interpreter: Interpreter, format: [Unicode.Scalar], values: Value) {
    self.interpreter = interpreter
    self.format = format
    if case .tuple(let items) = values {
      positional = items.values[...]
    } else {
      positional = [values]
    }
    if case .dictionary(let mapping) = values { self.mapping = mapping } else { mapping = nil }
    isContainer =
      switch values {
      case .list, .dictionary, .range, .undefined: true
      default: false
      }
  }

  mutating func run() throws(TemplateError) -> Text {
    var result = Text(bytes: [])
    while at < format.count {
      let scalar = format[at]
      at += 1
      if scalar == "%" {
        result.bytes += try field().bytes
        try interpreter.checkLength(result.bytes.count)
      } else {
        result.append(scalar)
      }
    }
    guard positional.isEmpty || isContainer else {
      throw .runtime("not all values are used by the format")
    }
    return result
  }

  private var next: Unicode.Scalar? { at < format.count ? format[at] : nil }

  private mutating func value(_ name: Text?) throws(TemplateError) -> Value {
    if let name {
      guard let mapping else { throw .runtime("the format names values, and gets no dictionary") }
      guard let value = mapping[name] else {
        throw .runtime("the format names \"\(name.string)\", which is not given")
      }
      return value
    }
    guard let value = positional.popFirst() else { throw .runtime("the format lacks values") }
    return value
  }

  private mutating func number() throws(TemplateError) -> Int? {
    if next == "*" {
      at += 1
      return try interpreter.requiredInteger(try value(nil), "a format's \"*\"")
    }
    var number: Int?
    while let digit = next, digit.isASCII, let value = Character(digit).wholeNumberValue {
      number = min((number ?? 0) * 10 + value, 1 << 40)
      at += 1
    }
    return number
  }

  private mutating func field() throws(TemplateError) -> Text {
    var name: Text?
    if next == "(" {
      guard let end = format[at...].firstIndex(of: ")") else {
        throw .runtime("a name in a format does not end")
      }
      name = Text(format[(at + 1)..<end])
      at = end + 1
    }
    var specification = FormatSpecification()
    var isLeft = false
    while let flag = next, "#0- +".unicodeScalars.contains(flag) {
      switch flag {
      case "#": specification.isAlternate = true
      case "0": specification.fill = "0"
      case "-": isLeft = true
      case "+": specification.sign = "+"
      default: if specification.sign == "-" { specification.sign = " " }
      }
      at += 1
    }
    let width = try number() ?? 0
    isLeft = isLeft || width < 0
    specification.width = Int(clamping: width.magnitude)
    if next == "." {
      at += 1
      specification.precision = max(0, try number() ?? 0)
    }
    try interpreter.checkLength(max(specification.width, specification.precision ?? 0))
    if isLeft { (specification.alignment, specification.fill) = ("<", " ") }
    while let modifier = next, "hlL".unicodeScalars.contains(modifier) { at += 1 }
    guard let type = next else { throw .runtime("a format ends in the middle") }
    at += 1
    if type == "%" { return "%" }
    specification.type = type
    return try write(try value(name), &specification)
  }

  private func write(
    _ value: Value, _ specification: inout FormatSpecification
  ) throws(TemplateError) -> Text {
    switch specification.type {
    case "s", "r", "a":
      var text = try interpreter.string(value)
      if specification.type != "s" { text = Text(bytes: try interpreter.represented(value)) }
      if let precision = specification.precision {
        text = Text(text.scalars.prefix(precision))
      }
      specification.fill = " "
      return specification.padded(text.string, by: ">")
    case "c":
      specification.fill = " "
      if case .string(let text) = value, text.count == 1 {
        return specification.padded(text.string, by: ">")
      }
      if let number = value.integer,
        let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init)
      {
        return specification.padded(String(scalar), by: ">")
      }
    case "d", "i", "u", "x", "X", "o":
      if specification.fill == "0", specification.alignment == nil { specification.alignment = "=" }
      let isDecimal = ["d", "i", "u"].contains(specification.type)
      if let number = value.integer, let text = specification.written(number) { return text }
      if isDecimal, case .double(let number) = value,
        let whole = Int(exactly: number.rounded(.towardZero)),
        let text = specification.written(whole)
      {
        return text
      }
    case "e", "E", "f", "F", "g", "G":
      if specification.fill == "0", specification.alignment == nil { specification.alignment = "=" }
      if let number = value.number, let text = specification.written(number) { return text }
    default: break
    }
    if case .undefined(let message) = value { throw .runtime(message) }
    throw .runtime("a format does not fit a value of type \(value.typeName)")
  }
}
