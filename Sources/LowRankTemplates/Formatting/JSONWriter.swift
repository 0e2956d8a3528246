/// Writes values as Python's `json.dumps` does.
struct JSONWriter {
  let interpreter: Interpreter
  var escapesNonASCII = false
  /// What each level is indented by; nil for one line.
  var indent: Text?
  var itemSeparator: Text = ", "
  var keySeparator: Text = ": "
  var sortsKeys = false
  private(set) var bytes: [UInt8] = []

  init(interpreter: Interpreter) { self.interpreter = interpreter }

  mutating func write(_ value: Value, depth: Int = 0) throws(TemplateError) {
    try interpreter.step()
    try interpreter.checkLength(bytes.count)
    switch value {
    case .none: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    case .double(let value): bytes += Self.number(value).utf8
    case .string(let text): writeString(text)
    case .list(let items), .tuple(let items): try write(items.values, depth)
    case .dictionary(let mapping): try write(mapping, depth)
    default:
      if case .undefined(let message) = value { throw .runtime(message) }
      throw .runtime("a value of type \(value.typeName) cannot be written as JSON")
    }
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return DoubleText.shortest(value)
  }

  private mutating func newline(_ depth: Int) {
    guard let indent else { return }
    bytes.append(0x0a)
    for _ in 0..<depth { bytes += indent.bytes }
  }

  private mutating func write(_ values: [Value], _ depth: Int) throws(TemplateError) {
    if values.isEmpty {
      bytes += "[]".utf8
      return
    }
    try interpreter.enter()
    defer { interpreter.leave() }
    bytes += "[".utf8
    for (position, value) in values.enumerated() {
      if position > 0 { bytes += itemSeparator.bytes }
      newline(depth + 1)
      try write(value, depth: depth + 1)
    }
    newline(depth)
    bytes += "]".utf8
  }

  private mutating func write(_ mapping: Mapping, _ depth: Int) throws(TemplateError) {
    if mapping.isEmpty {
      bytes += "{}".utf8
      return
    }
    try interpreter.enter()
    defer { interpreter.leave() }
    var entries = mapping.entries
    if sortsKeys {
      let order = try interpreter.sorted(entries.map(\.key), by: entries.indices.map { $0 })
      entries = order.map { entries[$0] }
    }
    bytes += "{".utf8
    for (position, entry) in entries.enumerated() {
      if position > 0 { bytes += itemSeparator.bytes }
      newline(depth + 1)
      writeString(try key(entry.key))
      bytes += keySeparator.bytes
      try write(entry.value, depth: depth + 1)
    }
    newline(depth)
    bytes += "}".utf8
  }

  private func key(_ key: Value) throws(TemplateError) -> Text {
    switch key {
    case .string(let text): return text
    case .none: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return Text(String(value))
    case .double(let value): return Text(Self.number(value))
    default: throw .runtime("a key of type \(key.typeName) cannot be written as JSON")
    }
  }

  private mutating func writeString(_ text: Text) {
    bytes.append(UInt8(ascii: "\""))
    if escapesNonASCII {
      for unit in text.string.utf16 {
        if unit < 0x7f { writeByte(UInt8(unit)) } else { writeEscape(unit) }
      }
    } else {
      for byte in text.bytes { writeByte(byte) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func writeByte(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): bytes += "\\\"".utf8
    case UInt8(ascii: "\\"): bytes += "\\\\".utf8
    case 0x0a: bytes += "\\n".utf8
    case 0x0d: bytes += "\\r".utf8
    case 0x09: bytes += "\\t".utf8
    case 0x08: bytes += "\\b".utf8
    case 0x0c: bytes += "\\f".utf8
    case 0..<0x20: writeEscape(UInt16(byte))
    default: bytes.append(byte)
    }
  }

  private mutating func writeEscape(_ unit: UInt16) {
    let digits = String(unit, radix: 16)
    bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
  }
}
