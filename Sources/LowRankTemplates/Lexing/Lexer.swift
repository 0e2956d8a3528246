/// Cuts a template into text, tags and what stands in them, as Jinja does with `trim_blocks` and
/// `lstrip_blocks`.
struct Lexer {
  let source: [UInt8]
  var at = 0
  var tokens: [Token] = []
  /// Whether the text before ended a line, so that white space before a tag may begin one.
  private var startsLine = true
  private var line = 1
  private var countedTo = 0

  static func tokens(of template: String) throws(TemplateError) -> [Token] {
    var lexer = Lexer(source: unified(template.utf8))
    try lexer.run()
    lexer.emit(.end)
    return lexer.tokens
  }

  private init(source: [UInt8]) { self.source = source }

  /// Every line end as one newline, and the last of them dropped.
  private static func unified(_ utf8: String.UTF8View) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count)
    var afterReturn = false
    for byte in utf8 {
      if byte == 0x0d {
        bytes.append(0x0a)
      } else if byte != 0x0a || !afterReturn {
        bytes.append(byte)
      }
      afterReturn = byte == 0x0d
    }
    if bytes.last == 0x0a { bytes.removeLast() }
    return bytes
  }

  mutating func emit(_ kind: Token.Kind) { tokens.append(Token(kind: kind, line: currentLine())) }

  mutating func failure(_ message: String) -> TemplateError {
    TemplateError(.syntax, message, line: currentLine())
  }

  private mutating func currentLine() -> Int {
    while countedTo < at {
      if source[countedTo] == 0x0a { line += 1 }
      countedTo += 1
    }
    return line
  }

  func has(_ text: StaticString, at offset: Int) -> Bool {
    guard offset + text.utf8CodeUnitCount <= source.count else { return false }
    for index in 0..<text.utf8CodeUnitCount
    where source[offset + index] != text.utf8Start[index] {
      return false
    }
    return true
  }

  private mutating func run() throws(TemplateError) {
    while at < source.count {
      guard let tag = nextTag() else {
        emit(.data(Text(bytes: Array(source[at...]))))
        at = source.count
        return
      }
      let sign = sign(at: tag + 2)
      let isVariable = source[tag + 1] == UInt8(ascii: "{")
      if let end = rawBegin(at: tag) {
        emitText(upTo: tag, sign: sign, strips: true)
        at = end
        startsLine = source[end - 1] == 0x0a
        try raw()
        continue
      }
      emitText(upTo: tag, sign: sign, strips: !isVariable)
      at = tag + (sign == nil ? 2 : 3)
      if source[tag + 1] == UInt8(ascii: "#") {
        try comment()
      } else {
        try self.tag(isBlock: !isVariable)
      }
      startsLine = source[at - 1] == 0x0a
    }
  }

  private func nextTag() -> Int? {
    var offset = at
    while offset + 1 < source.count {
      if source[offset] == UInt8(ascii: "{"),
        [UInt8(ascii: "%"), UInt8(ascii: "{"), UInt8(ascii: "#")].contains(source[offset + 1])
      {
        return offset
      }
      offset += 1
    }
    return nil
  }

  private func sign(at offset: Int) -> UInt8? {
    guard offset < source.count else { return nil }
    return [UInt8(ascii: "-"), UInt8(ascii: "+")].contains(source[offset]) ? source[offset] : nil
  }

  /// Emits the text before a tag, without the white space that the tag takes away.
  private mutating func emitText(upTo tag: Int, sign: UInt8?, strips: Bool) {
    var end = tag
    if sign == UInt8(ascii: "-") {
      end = Whitespace.start(in: source, before: tag, from: at)
    } else if sign == nil, strips {
      let lineStart = source[at..<tag].lastIndex(of: 0x0a).map { $0 + 1 }
      if lineStart != nil || startsLine {
        let first = lineStart ?? at
        if Whitespace.start(in: source, before: tag, from: first) == first { end = first }
      }
    }
    if end > at { emit(.data(Text(bytes: Array(source[at..<end])))) }
    at = tag
  }

  /// The end of `{% raw %}` where one begins.
  private func rawBegin(at tag: Int) -> Int? {
    guard has("{%", at: tag) else { return nil }
    var offset = Whitespace.end(in: source, from: tag + (sign(at: tag + 2) == nil ? 2 : 3))
    guard has("raw", at: offset) else { return nil }
    offset = Whitespace.end(in: source, from: offset + 3)
    if has("-%}", at: offset) { return Whitespace.end(in: source, from: offset + 3) }
    return has("%}", at: offset) ? offset + 2 : nil
  }

  private mutating func raw() throws(TemplateError) {
    var tag = at
    while tag < source.count {
      if has("{%", at: tag) {
        let sign = sign(at: tag + 2)
        let word = Whitespace.end(in: source, from: tag + (sign == nil ? 2 : 3))
        if has("endraw", at: word),
          let end = blockEnd(at: Whitespace.end(in: source, from: word + 6))
        {
          emitText(upTo: tag, sign: sign, strips: true)
          at = end
          startsLine = source[end - 1] == 0x0a
          return
        }
      }
      tag += 1
    }
    throw failure("a raw block does not end")
  }

  private mutating func comment() throws(TemplateError) {
    var offset = at
    while offset < source.count {
      if has("-#}", at: offset) {
        at = Whitespace.end(in: source, from: offset + 3)
        return
      }
      let plus = has("+#}", at: offset)
      if plus || has("#}", at: offset) {
        at = offset + (plus ? 3 : 2)
        if !plus, has("\n", at: at) { at += 1 }
        return
      }
      offset += 1
    }
    throw failure("a comment does not end")
  }

  /// The end of `%}` with the white space and the newline that it takes away.
  func blockEnd(at offset: Int) -> Int? {
    if has("-%}", at: offset) { return Whitespace.end(in: source, from: offset + 3) }
    if has("+%}", at: offset) { return offset + 3 }
    guard has("%}", at: offset) else { return nil }
    return has("\n", at: offset + 2) ? offset + 3 : offset + 2
  }
}
