extension JSONScanner {
  /// The string that begins with the quotation mark at the position.
  mutating func string() throws(Failure) -> String {
    position += 1
    let start = position
    skipPlain()
    if byte == UInt8(ascii: "\"") {
      let text = try text(start..<position, openedAt: start - 1)
      position += 1
      return text
    }
    var text = Array(bytes[start..<position])
    while true {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let text = String(validating: text, as: UTF8.self) else {
          throw failure("a string is not valid UTF-8", at: start - 1)
        }
        return text
      case UInt8(ascii: "\\"):
        try escape(into: &text)
      default:
        guard position < bytes.count else {
          throw failure("a string has no end", at: start - 1)
        }
        throw failure("the control character 0x\(String(byte, radix: 16)) must be escaped")
      }
      let plain = position
      skipPlain()
      text.append(contentsOf: bytes[plain..<position])
    }
  }

  /// Steps over the bytes of a string that stand for themselves.
  private mutating func skipPlain() {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
      position += 1
    }
  }

  private func text(_ range: Range<Int>, openedAt start: Int) throws(Failure) -> String {
    let plain = UnsafeBufferPointer(rebasing: bytes[range])
    guard let text = String(validating: plain, as: UTF8.self) else {
      throw failure("a string is not valid UTF-8", at: start)
    }
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(Failure) {
    let start = position
    position += 1
    let letter = byte
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = UInt32(try codeUnit(escapedAt: start))
      if (0xd800...0xdbff).contains(code), byte == UInt8(ascii: "\\") {
        position += 1
        if byte == UInt8(ascii: "u") {
          position += 1
          let low = UInt32(try codeUnit(escapedAt: start))
          if (0xdc00...0xdfff).contains(low) {
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
          }
        }
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw failure("an escape is half of a surrogate pair", at: start)
      }
      text.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
    default: throw failure("an unknown escape", at: start)
    }
  }

  private mutating func codeUnit(escapedAt start: Int) throws(Failure) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("an escape needs four hexadecimal digits", at: start)
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
