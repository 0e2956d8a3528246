extension Lexer {
  /// Cuts what stands in a tag, up to the end that is not inside brackets.
  mutating func tag(isBlock: Bool) throws(TemplateError) {
    emit(isBlock ? .blockBegin : .variableBegin)
    var open: [Token.Symbol] = []
    while at < source.count {
      if open.isEmpty, let end = isBlock ? blockEnd(at: at) : variableEnd() {
        emit(isBlock ? .blockEnd : .variableEnd)
        at = end
        return
      }
      let space = Whitespace.length(in: source, at: at)
      if space > 0 {
        at += space
      } else if try number() || name() {
        continue
      } else if [UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(source[at]) {
        try string()
      } else {
        try symbol(&open)
      }
    }
  }

  private func variableEnd() -> Int? {
    if has("-}}", at: at) { return Whitespace.end(in: source, from: at + 3) }
    return has("}}", at: at) ? at + 2 : nil
  }

  private mutating func symbol(_ open: inout [Token.Symbol]) throws(TemplateError) {
    let found = Token.Symbol.spellings.first { source[at...].starts(with: $0.bytes) }
    guard let (symbol, bytes) = found else {
      let character = String(decoding: source[at...].prefix(4), as: UTF8.self).unicodeScalars.first
      throw failure("the character \"\(character.map(String.init) ?? "")\" is not expected here")
    }
    switch symbol {
    case .leftBrace: open.append(.rightBrace)
    case .leftBracket: open.append(.rightBracket)
    case .leftParenthesis: open.append(.rightParenthesis)
    case .rightBrace, .rightBracket, .rightParenthesis:
      guard let expected = open.popLast() else {
        throw failure("\"\(symbol.rawValue)\" closes nothing")
      }
      guard expected == symbol else {
        throw failure("\"\(symbol.rawValue)\" stands where \"\(expected.rawValue)\" should close")
      }
    default: break
    }
    emit(.symbol(symbol))
    at += bytes.count
  }

  private mutating func name() -> Bool {
    var end = at
    while end < source.count {
      let byte = source[end]
      if byte < 0x80 {
        guard
          byte == UInt8(ascii: "_") || Character(Unicode.Scalar(byte)).isLetter
            || isDigit(end) && end > at
        else { break }
        end += 1
      } else {
        let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
        let scalar = String(decoding: source[end..<min(end + length, source.count)], as: UTF8.self)
          .unicodeScalars.first
        guard let properties = scalar?.properties,
          end == at ? properties.isXIDStart : properties.isXIDContinue
        else { break }
        end += length
      }
    }
    guard end > at else { return false }
    emit(.name(String(decoding: source[at..<end], as: UTF8.self)))
    at = end
    return true
  }

  private mutating func string() throws(TemplateError) {
    let quote = source[at]
    var end = at + 1
    while end < source.count, source[end] != quote {
      end += source[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < source.count else { throw failure("a string does not end") }
    guard let text = StringEscapes.resolve(source[at + 1..<end]) else {
      throw failure("an escape in a string stands for no character")
    }
    emit(.string(text))
    at = end + 1
  }

  // MARK: Numbers

  private func isDigit(_ offset: Int) -> Bool {
    offset < source.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(source[offset])
  }

  private func has(anyOf bytes: String, at offset: Int) -> Bool {
    offset < source.count && bytes.utf8.contains(source[offset])
  }

  /// The end of digits with single underscores between them.
  private func digitsEnd(_ offset: Int) -> Int? {
    guard isDigit(offset) else { return nil }
    var end = offset + 1
    while isDigit(end) || has("_", at: end) && isDigit(end + 1) { end += 1 }
    return end
  }

  private mutating func number() throws(TemplateError) -> Bool {
    guard let whole = digitsEnd(at) else { return false }
    if at == 0 || source[at - 1] != UInt8(ascii: ".") {
      let fraction = has(".", at: whole) ? digitsEnd(whole + 1) : nil
      var exponent: Int?
      let mark = fraction ?? whole
      if has(anyOf: "eE", at: mark) {
        exponent = digitsEnd(has(anyOf: "+-", at: mark + 1) ? mark + 2 : mark + 1)
      }
      if let end = exponent ?? fraction {
        guard let value = Double(digits(at..<end)) else {
          throw failure("\(digits(at..<end)) is not a number")
        }
        emit(.double(value))
        at = end
        return true
      }
    }
    try integer()
    return true
  }

  private mutating func integer() throws(TemplateError) {
    var radix = 10
    var end = at
    if source[at] == UInt8(ascii: "0") {
      let radices = [("bB", 2, "01"), ("oO", 8, "01234567"), ("xX", 16, "0123456789abcdefABCDEF")]
      var allowed = "0"
      for (mark, base, digits) in radices
      where has(anyOf: mark, at: at + 1)
        && has(anyOf: digits, at: has("_", at: at + 2) ? at + 3 : at + 2)
      {
        (radix, allowed, end) = (base, digits, at + 2)
      }
      while has(anyOf: allowed, at: end) || has("_", at: end) && has(anyOf: allowed, at: end + 1) {
        end += 1
      }
    } else {
      end = digitsEnd(at) ?? at + 1
    }
    let text = digits((radix == 10 ? at : at + 2)..<end)
    guard let value = Int(text, radix: radix) else {
      throw failure("the integer \(text) has more than 64 bits")
    }
    emit(.integer(value))
    at = end
  }

  private func digits(_ range: Range<Int>) -> String {
    String(decoding: source[range].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
  }
}
