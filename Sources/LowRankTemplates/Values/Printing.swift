extension Interpreter {
  /// `str(value)`.
  func string(_ value: Value) throws(TemplateError) -> Text {
    switch value {
    case .string(let text): return text
    case .undefined: return Text(bytes: [])
    default: return Text(bytes: try represented(value))
    }
  }

  /// `repr(value)`.
  func represented(_ value: Value) throws(TemplateError) -> [UInt8] {
    var printer = Printer(interpreter: self)
    try printer.print(value)
    return printer.bytes
  }
}

/// Writes values as Python's `repr` does.
private struct Printer {
  let interpreter: Interpreter
  var bytes: [UInt8] = []

  mutating func print(_ value: Value) throws(TemplateError) {
    try interpreter.step()
    try interpreter.checkLength(bytes.count)
    switch value {
    case .undefined: write("Undefined")
    case .none: write("None")
    case .bool(let value): write(value ? "True" : "False")
    case .integer(let value): write(String(value))
    case .double(let value): write(DoubleText.shortest(value))
    case .string(let text): bytes += Self.quoted(text)
    case .list(let items): try print(items.values, "[", "]")
    case .tuple(let items): try print(items.values, "(", items.values.count == 1 ? ",)" : ")")
    case .dictionary(let mapping): try print(mapping)
    case .range(let range):
      write("range(\(range.start), \(range.stop)\(range.step == 1 ? "" : ", \(range.step)"))")
    case .view(let name, let items): try print(items.values, name + "([", "])")
    case .object(let object): try print(object)
    }
  }

  private mutating func write(_ string: String) { bytes += string.utf8 }

  private mutating func print(
    _ values: [Value], _ open: String, _ close: String
  ) throws(TemplateError) {
    try interpreter.enter()
    defer { interpreter.leave() }
    write(open)
    for (position, value) in values.enumerated() {
      if position > 0 { write(", ") }
      try print(value)
    }
    write(close)
  }

  private mutating func print(_ mapping: Mapping) throws(TemplateError) {
    try interpreter.enter()
    defer { interpreter.leave() }
    write("{")
    for (position, entry) in mapping.entries.enumerated() {
      if position > 0 { write(", ") }
      try print(entry.key)
      write(": ")
      try print(entry.value)
    }
    write("}")
  }

  private mutating func print(_ object: TemplateObject) throws(TemplateError) {
    switch object {
    case let namespace as NamespaceObject:
      write("<Namespace ")
      try print(namespace.attributes)
      write(">")
    case let macro as MacroObject:
      write("<Macro ")
      if let name = macro.macro.name { bytes += Self.quoted(name) } else { write("anonymous") }
      write(">")
    case let loop as LoopObject:
      write("<LoopContext \(loop.index0 + 1)/\(try loop.length())>")
    case let function as FunctionObject: write("<function \(function.name)>")
    default: write("<\(object.typeName) object>")
    }
  }

  /// A string in the quotes that need fewer escapes.
  static func quoted(_ text: Text) -> [UInt8] {
    let single = UInt8(ascii: "'")
    let double = UInt8(ascii: "\"")
    let quote = text.bytes.contains(single) && !text.bytes.contains(double) ? double : single
    var bytes = [quote]
    for scalar in text.scalars {
      let value = scalar.value
      switch value {
      case UInt32(quote), 0x5c: bytes += [0x5c, UInt8(value)]
      case 0x0a: bytes += "\\n".utf8
      case 0x0d: bytes += "\\r".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x20..<0x7f: bytes.append(UInt8(value))
      default:
        if Characters.isPrintable(scalar) {
          bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        } else {
          let digits = String(value, radix: 16)
          let (mark, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
          bytes += "\\\(mark)\(String(repeating: "0", count: width - digits.count))\(digits)".utf8
        }
      }
    }
    return bytes + [quote]
  }
}
