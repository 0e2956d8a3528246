/// Reads one JSON text (RFC 8259) byte by byte and accepts nothing besides.
///
/// Refused: a key that occurs twice in an object, anything after the text, invalid UTF-8, half of a
/// surrogate pair, more than 128 levels of nesting, and, unless they are allowed, `NaN` and `Infinity`.
struct JSONScanner {
  /// Why and where scanning stopped.
  struct Failure: Error {
    let offset: Int
    let problem: String
  }

  static let deepest = 128

  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  /// Whether `NaN`, `Infinity` and `-Infinity` are accepted as numbers, as in Python's json.
  private let allowsNonFinite: Bool

  init(_ bytes: UnsafeRawBufferPointer, allowsNonFinite: Bool = false) {
    self.bytes = bytes.bindMemory(to: UInt8.self)
    self.allowsNonFinite = allowsNonFinite
  }

  /// The byte at the position, or 0, which no JSON text contains, at the end.
  var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

  func failure(_ problem: String, at offset: Int? = nil) -> Failure {
    Failure(offset: offset ?? position, problem: problem)
  }

  /// What stands at the position, for a sentence.
  var found: String {
    guard position < bytes.count else { return "the end" }
    let byte = bytes[position]
    return (0x21...0x7e).contains(byte)
      ? "\"\(Character(Unicode.Scalar(byte)))\"" : "the byte 0x" + String(byte, radix: 16)
  }

  /// The whole text as one value.
  mutating func text() throws(Failure) -> JSONValue {
    skipSpace()
    guard position < bytes.count else { throw failure("the text is empty") }
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw failure("\(found) follows the end of the value") }
    return value
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
        position += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    if allowsNonFinite, let number = nonFinite() { return .number(number) }
    switch byte {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw failure("expected a value, found \(found)")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue
  {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count,
      (0..<count).allSatisfy({ bytes[position + $0] == word.utf8Start[$0] })
    else { throw failure("expected the word \(word)") }
    position += count
    return value
  }

  private mutating func object(depth: Int) throws(Failure) -> JSONObject {
    try enter(depth)
    var object = JSONObject()
    guard byte != UInt8(ascii: "}") else {
      position += 1
      return object
    }
    while true {
      guard byte == UInt8(ascii: "\"") else { throw failure("expected a key, found \(found)") }
      let start = position
      let key = try string()
      skipSpace()
      guard byte == UInt8(ascii: ":") else {
        throw failure("expected \":\" after a key, found \(found)")
      }
      position += 1
      skipSpace()
      let value = try value(depth: depth)
      guard object.insert(key, value) else {
        throw failure("the key \(JSONValue.string(key).text()) occurs twice", at: start)
      }
      guard try another(before: UInt8(ascii: "}")) else { return object }
    }
  }

  private mutating func array(depth: Int) throws(Failure) -> [JSONValue] {
    try enter(depth)
    var array: [JSONValue] = []
    guard byte != UInt8(ascii: "]") else {
      position += 1
      return array
    }
    while true {
      array.append(try value(depth: depth))
      guard try another(before: UInt8(ascii: "]")) else { return array }
    }
  }

  private mutating func enter(_ depth: Int) throws(Failure) {
    guard depth <= Self.deepest else {
      throw failure("more than \(Self.deepest) levels of nesting")
    }
    position += 1
    skipSpace()
  }

  /// Steps over a comma, and says whether there was one rather than the `end` of the container.
  private mutating func another(before end: UInt8) throws(Failure) -> Bool {
    skipSpace()
    guard byte == UInt8(ascii: ",") || byte == end else {
      throw failure(
        "expected \",\" or \"\(Character(Unicode.Scalar(end)))\", found \(found)")
    }
    let isComma = byte == UInt8(ascii: ",")
    position += 1
    skipSpace()
    return isComma
  }
}
