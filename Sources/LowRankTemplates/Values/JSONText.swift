public import Foundation

extension TemplateValue {
  /// Reads one JSON value, dictionaries in the order of the text.
  ///
  /// Throws `TemplateError` of the kind `file`, with the byte, where the text is not JSON, where
  /// two keys of an object are the same, or where values nest more than 200 deep.
  public init(json: Data) throws(TemplateError) {
    var reader = JSONText(bytes: Array(json))
    self = try reader.document()
  }
}

/// A strict reader of JSON that keeps the order of keys.
struct JSONText {
  let bytes: [UInt8]
  var at = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(TemplateError) -> TemplateValue {
    let value = try self.value()
    skipSpace()
    guard at == bytes.count else { throw failure("the end was expected") }
    return value
  }

  private func failure(_ reason: String) -> TemplateError {
    TemplateError(.file, "the text is not JSON at byte \(at): \(reason)")
  }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
  }

  private mutating func take(_ byte: Character) -> Bool {
    skipSpace()
    guard next == byte.asciiValue else { return false }
    at += 1
    return true
  }

  private mutating func word(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard at + length <= bytes.count else { return false }
    for index in 0..<length where bytes[at + index] != word.utf8Start[index] { return false }
    at += length
    return true
  }

  private mutating func value() throws(TemplateError) -> TemplateValue {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 200 else { throw failure("values nest more than 200 deep") }
    if take("{") { return .dictionary(try dictionary()) }
    if take("[") { return .list(try list()) }
    if take("\"") { return .string(try string()) }
    if word("true") { return .bool(true) }
    if word("false") { return .bool(false) }
    if word("null") { return .none }
    return try number()
  }

  private mutating func list() throws(TemplateError) -> [TemplateValue] {
    var values: [TemplateValue] = []
    if take("]") { return values }
    repeat { values.append(try value()) } while take(",")
    guard take("]") else { throw failure("\",\" or \"]\" was expected") }
    return values
  }

  private mutating func dictionary() throws(TemplateError) -> TemplateDictionary {
    var values = TemplateDictionary()
    if take("}") { return values }
    repeat {
      guard take("\"") else { throw failure("a key was expected") }
      let key = try string()
      guard values[key] == nil else { throw failure("the key \"\(key)\" occurs twice") }
      guard take(":") else { throw failure("\":\" was expected") }
      values[key] = try value()
    } while take(",")
    guard take("}") else { throw failure("\",\" or \"}\" was expected") }
    return values
  }

  private mutating func string() throws(TemplateError) -> String {
    var text: [UInt8] = []
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("the string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case 0..<0x20: throw failure("a control character stands in a string")
      default: text.append(byte)
      }
    }
    throw failure("the string does not end")
  }

  private mutating func escape() throws(TemplateError) -> [UInt8] {
    guard let byte = next else { throw failure("the string does not end") }
    at += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "u"): break
    default: throw failure("an escape is unknown")
    }
    var units = [try unit()]
    if UTF16.isLeadSurrogate(units[0]), word("\\u") { units.append(try unit()) }
    guard let string = String(validating: units, as: UTF16.self) else {
      throw failure("an escaped surrogate stands alone")
    }
    return Array(string.utf8)
  }

  private mutating func unit() throws(TemplateError) -> UInt16 {
    let digits = bytes[at..<Swift.min(at + 4, bytes.count)]
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits were expected") }
    at += 4
    return unit
  }

  private mutating func number() throws(TemplateError) -> TemplateValue {
    let start = at
    var isInteger = true
    while let byte = next {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        isInteger = false
      default:
        return try number(from: start, isInteger: isInteger)
      }
      at += 1
    }
    return try number(from: start, isInteger: isInteger)
  }

  private func number(from start: Int, isInteger: Bool) throws(TemplateError) -> TemplateValue {
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let leading = digits.utf8.first
    let zeros = digits.utf8.count > 1 && digits.hasPrefix("0") && digits.dropFirst().first != "."
    guard let leading, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(leading),
      !zeros || digits.lowercased().hasPrefix("0e")
    else { throw failure("a value was expected") }
    if isInteger, let value = Int(text) { return .integer(value) }
    guard !digits.hasSuffix("."), let value = Double(text) else {
      throw failure("a number was expected")
    }
    return .double(value)
  }
}
