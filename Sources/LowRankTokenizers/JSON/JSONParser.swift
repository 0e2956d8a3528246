/// A strict parser of UTF-8 JSON.
///
/// No comments, no trailing commas, no control characters or unpaired surrogates in strings, no text
/// after the value. Duplicate keys are for the reader to refuse.
struct JSONParser {
  private let bytes: [UInt8]
  private var at = 0
  private var nodes: [JSONTree.Node] = []

  /// Deep enough for every real file and shallow enough for every stack.
  private static let deepest = 512

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    nodes.reserveCapacity(bytes.count / 8)
  }

  mutating func parse() throws(JSONSyntaxError) -> [JSONTree.Node] {
    guard bytes.count < UInt32.max else { throw error("a file below 4 GiB") }
    skipSpace()
    try value(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw error("the end of the file") }
    return nodes
  }

  private func error(_ expected: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: at, expected: expected)
  }

  private var current: UInt8 { at < bytes.count ? bytes[at] : 0 }

  private mutating func skipSpace() {
    while at < bytes.count {
      let byte = bytes[at]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      at += 1
    }
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) {
    guard depth < Self.deepest else { throw error("at most \(Self.deepest) nested values") }
    switch current {
    case UInt8(ascii: "{"): try container(.object, closing: UInt8(ascii: "}"), depth)
    case UInt8(ascii: "["): try container(.array, closing: UInt8(ascii: "]"), depth)
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try word("true", .true)
    case UInt8(ascii: "f"): try word("false", .false)
    case UInt8(ascii: "n"): try word("null", .null)
    default: try number()
    }
  }

  private mutating func add(_ kind: JSONTree.Node.Kind, from start: Int, to end: Int) {
    nodes.append(
      JSONTree.Node(
        kind: kind, start: UInt32(start), end: UInt32(end), next: UInt32(nodes.count + 1)))
  }

  private mutating func container(
    _ kind: JSONTree.Node.Kind, closing: UInt8, _ depth: Int
  ) throws(JSONSyntaxError) {
    let index = nodes.count
    add(kind, from: at, to: at)
    at += 1
    skipSpace()
    if current == closing {
      at += 1
    } else {
      while true {
        if kind == .object {
          guard current == UInt8(ascii: "\"") else { throw error("a key in quotes") }
          try string()
          skipSpace()
          guard current == UInt8(ascii: ":") else { throw error("a colon") }
          at += 1
          skipSpace()
        }
        try value(depth: depth + 1)
        skipSpace()
        let separator = current
        guard separator == closing || separator == UInt8(ascii: ",") else {
          throw error("a comma or the end of the \(kind == .object ? "object" : "array")")
        }
        at += 1
        if separator == closing { break }
        skipSpace()
      }
    }
    nodes[index].end = UInt32(at)
    nodes[index].next = UInt32(nodes.count)
  }

  private mutating func word(
    _ word: StaticString, _ kind: JSONTree.Node.Kind
  ) throws(JSONSyntaxError) {
    let count = word.utf8CodeUnitCount
    let expected = UnsafeBufferPointer(start: word.utf8Start, count: count)
    guard at + count <= bytes.count, bytes[at..<at + count].elementsEqual(expected) else {
      throw error("a value")
    }
    add(kind, from: at, to: at + count)
    at += count
  }

  private mutating func number() throws(JSONSyntaxError) {
    let start = at
    if current == UInt8(ascii: "-") { at += 1 }
    if current == UInt8(ascii: "0") { at += 1 } else { try digits(start) }
    if current == UInt8(ascii: ".") {
      at += 1
      try digits(start)
    }
    if current | 0x20 == UInt8(ascii: "e") {
      at += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
      try digits(start)
    }
    add(.number, from: start, to: at)
  }

  private mutating func digits(_ start: Int) throws(JSONSyntaxError) {
    guard current >= 0x30, current <= 0x39 else {
      throw error(at == start ? "a value" : "a digit")
    }
    while current >= 0x30, current <= 0x39 { at += 1 }
  }
}

extension JSONParser {
  /// Reads a string and leaves it escaped; the bytes are UTF-8 because the whole file is.
  private mutating func string() throws(JSONSyntaxError) {
    at += 1
    let start = at
    var escaped = false
    while true {
      guard at < bytes.count else { throw error("a closing quote") }
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") { break }
      guard byte >= 0x20 else { throw error("an escape instead of a control character") }
      at += 1
      if byte == UInt8(ascii: "\\") {
        escaped = true
        try escape()
      }
    }
    add(escaped ? .escapedString : .plainString, from: start, to: at)
    at += 1
  }

  private mutating func escape() throws(JSONSyntaxError) {
    let letter = current
    guard "\"\\/bfnrtu".utf8.contains(letter) else { throw error("a known escape") }
    at += 1
    guard letter == UInt8(ascii: "u") else { return }
    let unit = try hexadecimal()
    if unit & 0xFC00 == 0xDC00 { throw error("no low surrogate by itself") }
    guard unit & 0xFC00 == 0xD800 else { return }
    guard current == UInt8(ascii: "\\") else { throw error("a low surrogate") }
    at += 1
    guard current == UInt8(ascii: "u") else { throw error("a low surrogate") }
    at += 1
    guard try hexadecimal() & 0xFC00 == 0xDC00 else { throw error("a low surrogate") }
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard "0123456789abcdefABCDEF".utf8.contains(current) else {
        throw error("four hexadecimal digits")
      }
      value = value << 4 | Self.digit(current)
      at += 1
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt32 {
    UInt32(byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x61 + 10)
  }

  /// The bytes that a checked string with escapes stands for.
  static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var at = text.startIndex
    func unit(_ start: Int) -> UInt32 {
      text[start..<start + 4].reduce(0) { $0 << 4 | digit($1) }
    }
    while at < text.endIndex {
      guard text[at] == UInt8(ascii: "\\") else {
        result.append(text[at])
        at += 1
        continue
      }
      let letter = text[at + 1]
      at += 2
      switch letter {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        var scalar = unit(at)
        at += 4
        if scalar & 0xFC00 == 0xD800 {
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + (unit(at + 2) & 0x3FF)
          at += 6
        }
        UTF8Text.append(scalar, to: &result)
      default: result.append(letter)
      }
    }
    return result
  }
}
