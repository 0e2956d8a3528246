import LowRankCheckpoints

extension JSONValue {
  /// The list or object that a table cell spells as JSON, or as Python and NumPy print it (`['a', 'b']`, `[0 1 0]`);
  /// nil if it spells neither.
  init?(structured text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first(where: { !isSpace($0) }), "[({a".utf8.contains(first) else {
      return nil
    }
    if let value = try? JSONValue(parsing: bytes, allowsNonFinite: true) {
      self = value
      return
    }
    var literal = PythonLiteral(bytes)
    guard let value = literal.text(), value.array != nil || value.object != nil else { return nil }
    self = value
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

/// Parses what Python's `repr` and `str` print for lists, tuples, sets, dictionaries and NumPy arrays of strings,
/// numbers and booleans.
private struct PythonLiteral {
  private let bytes: [UInt8]
  private var position = 0
  private static let deepest = 64

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Parses the whole text as one value.
  mutating func text() -> JSONValue? {
    guard let value = value(depth: 0) else { return nil }
    skipSpace()
    return position == bytes.count ? value : nil
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte, isSpace(byte) { position += 1 }
  }

  private mutating func take(_ text: String) -> Bool {
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  private mutating func value(depth: Int) -> JSONValue? {
    guard depth < Self.deepest else { return nil }
    skipSpace()
    switch byte {
    case UInt8(ascii: "["): return elements(until: "]", depth).map { .array($0) }
    case UInt8(ascii: "("): return elements(until: ")", depth).map { .array($0) }
    case UInt8(ascii: "{"): return table(depth)
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return string().map { .string($0) }
    case nil: return nil
    default: return take("array(") ? array(depth) : word()
    }
  }

  /// Parses the rest of `array(…)`; the type of the elements is ignored.
  private mutating func array(_ depth: Int) -> JSONValue? {
    guard let list = value(depth: depth + 1), list.array != nil else { return nil }
    skipSpace()
    if take(",") {
      skipSpace()
      guard take("dtype=") else { return nil }
      while let byte, byte != UInt8(ascii: ")") { position += 1 }
    }
    return take(")") ? list : nil
  }

  /// Parses values separated by commas or, as in NumPy, by spaces.
  private mutating func elements(until end: String, _ depth: Int) -> [JSONValue]? {
    position += 1
    var elements: [JSONValue] = []
    var isSeparated = true
    while true {
      let start = position
      skipSpace()
      if take(end) { return elements }
      guard isSeparated || position > start, let element = value(depth: depth + 1) else {
        return nil
      }
      elements.append(element)
      let following = position
      skipSpace()
      isSeparated = take(",")
      if !isSeparated { position = following }
    }
  }

  /// Parses a dictionary, or a set, which becomes a list.
  private mutating func table(_ depth: Int) -> JSONValue? {
    let start = position
    position += 1
    skipSpace()
    if take("}") { return .object([:]) }
    var object = JSONObject()
    while true {
      skipSpace()
      if take("}") { return .object(object) }
      guard let key = value(depth: depth + 1) else { return nil }
      skipSpace()
      guard take(":"), let name = key.string, object[name] == nil else {
        guard object.isEmpty else { return nil }
        position = start
        return elements(until: "}", depth).map { .array($0) }
      }
      guard let value = value(depth: depth + 1) else { return nil }
      object[name] = value
      skipSpace()
      guard take(",") || byte == UInt8(ascii: "}") else { return nil }
    }
  }

  private mutating func word() -> JSONValue? {
    let start = position
    while let byte, !isSpace(byte), !",:[](){}'\"".utf8.contains(byte) { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    switch word {
    case "True", "true": return .bool(true)
    case "False", "false": return .bool(false)
    case "None", "null", "nan", "NaN": return .null
    default:
      guard word.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }) else { return nil }
      if let number = Int(word) { return .integer(number) }
      // NumPy prints 1.0 as "1.", which Swift does not parse.
      let digits = word.hasSuffix(".") ? word + "0" : word
      return Double(digits).flatMap { $0.isFinite ? .double($0) : nil }
    }
  }

  private mutating func string() -> String? {
    guard let quote = byte else { return nil }
    position += 1
    var text: [UInt8] = []
    while let byte {
      position += 1
      if byte == quote { return String(validating: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        guard escape(into: &text) else { return nil }
      } else {
        text.append(byte)
      }
    }
    return nil
  }

  /// Decodes an escape sequence; Python keeps unknown ones unchanged.
  private mutating func escape(into text: inout [UInt8]) -> Bool {
    guard let letter = byte else { return false }
    position += 1
    switch letter {
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): text.append(letter)
    case UInt8(ascii: "x"): return code(2, into: &text)
    case UInt8(ascii: "u"): return code(4, into: &text)
    case UInt8(ascii: "U"): return code(8, into: &text)
    default: text += [UInt8(ascii: "\\"), letter]
    }
    return true
  }

  private mutating func code(_ digits: Int, into text: inout [UInt8]) -> Bool {
    guard position + digits <= bytes.count,
      let number = UInt32(
        String(decoding: bytes[position..<position + digits], as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(number)
    else { return false }
    position += digits
    text += Array(String(scalar).utf8)
    return true
  }
}
