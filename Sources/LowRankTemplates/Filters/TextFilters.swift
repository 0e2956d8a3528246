extension Filters {
  static let text: [String: Filter] = [
    "string": printed, "safe": printed,
    "upper": { interpreter, value, arguments throws(TemplateError) in
      try recased("upper", interpreter, value, arguments)
    },
    "lower": { interpreter, value, arguments throws(TemplateError) in
      try recased("lower", interpreter, value, arguments)
    },
    "capitalize": { interpreter, value, arguments throws(TemplateError) in
      try recased("capitalize", interpreter, value, arguments)
    },
    "title": title, "trim": trim, "replace": replace, "indent": indent, "truncate": truncate,
    "wordcount": wordcount, "center": center, "format": format, "urlencode": urlencode,
    "escape": escape, "e": escape, "forceescape": escape,
  ]

  private static let printed: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("string", [])
    return .string(try interpreter.string(value))
  }

  private static func recased(
    _ name: String, _ interpreter: Interpreter, _ value: Value, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    _ = try arguments.bound(name, [])
    return try interpreter.text(Interpreter.recased(try interpreter.string(value), name))
  }

  /// Capitalises after white space, hyphens and opening brackets.
  private static let title: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("title", [])
    var result = Text(bytes: [])
    var word: [Unicode.Scalar] = []
    func finish() {
      guard let first = word.first else { return }
      result.bytes += Text([first]).uppercased().bytes
      result.bytes += Text(word.dropFirst()).lowercased().bytes
      word = []
    }
    for scalar in try interpreter.string(value).scalars {
      if "-({[<".unicodeScalars.contains(scalar) || Characters.isSpace(scalar) {
        finish()
        result.append(scalar)
      } else {
        word.append(scalar)
      }
    }
    finish()
    return try interpreter.text(result)
  }

  private static let trim: Filter = { interpreter, value, arguments throws(TemplateError) in
    let characters = try arguments.bound("trim", ["chars"])[0]
    let text = try interpreter.string(value)
    return try interpreter.text(text.stripped(try interpreter.optionalText(characters, "trim")))
  }

  private static let replace: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("replace", ["old", "new", "count"], required: 2)
    var limit = -1
    if let count = given[2], !isNone(count) {
      limit = try interpreter.requiredInteger(count, "replace")
    }
    return try interpreter.replaced(
      try interpreter.string(value), try interpreter.string(given[0] ?? .none),
      try interpreter.string(given[1] ?? .none), limit)
  }

  static func isNone(_ value: Value) -> Bool {
    if case .none = value { return true }
    return false
  }

  private static let indent: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("indent", ["width", "first", "blank"])
    var indentation = Text("    ")
    if case .string(let text)? = given[0] {
      indentation = text
    } else if let width = given[0] {
      let count = max(0, try interpreter.requiredInteger(width, "indent"))
      try interpreter.checkLength(count)
      indentation = Text(bytes: Array(repeating: 0x20, count: count))
    }
    let text = try interpreter.requiredText(value, "indent")
    let lines = (text + "\n").lines(keepingEnds: false)
    let isBlankToo = given[2]?.isTrue ?? false
    var result: [UInt8] = given[1]?.isTrue == true ? indentation.bytes : []
    for (position, line) in lines.enumerated() {
      if position > 0 {
        result.append(0x0a)
        if isBlankToo || !line.isEmpty { result += indentation.bytes }
      }
      result += line.bytes
      try interpreter.checkLength(result.count)
    }
    return try interpreter.text(Text(bytes: result))
  }

  private static let truncate: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("truncate", ["length", "killwords", "end", "leeway"])
    let length = try interpreter.requiredInteger(given[0] ?? .integer(255), "truncate")
    let end = try interpreter.requiredText(given[2] ?? .string("..."), "truncate")
    var leeway = 5
    if let value = given[3], !isNone(value) {
      leeway = try interpreter.requiredInteger(value, "truncate")
    }
    let kept = length - end.count
    guard kept >= 0, leeway >= 0 else { throw .runtime("truncate is given too small a length") }
    let (enough, overflows) = length.addingReportingOverflow(leeway)
    if let count = try interpreter.length(value), overflows || count <= enough { return value }
    let text = try interpreter.requiredText(value, "truncate")
    let offsets = text.offsets
    var start = text.slice(0..<offsets[kept])
    if given[1]?.isTrue != true, let space = start.offsetsFromEnd(of: " ", limit: 1).first {
      start = start.slice(0..<space)
    }
    return try interpreter.text(start + end)
  }

  private static let wordcount: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("wordcount", [])
    var (count, isInWord) = (0, false)
    for scalar in try interpreter.string(value).scalars {
      let isWord =
        scalar == "_" || Characters.isAlphabetic(scalar) || Characters.isNumeric(scalar)
      if isWord, !isInWord { count += 1 }
      isInWord = isWord
    }
    return .integer(count)
  }

  private static let center: Filter = { interpreter, value, arguments throws(TemplateError) in
    let width = try arguments.bound("center", ["width"])[0] ?? .integer(80)
    let text = Value.string(try interpreter.string(value))
    return try interpreter.callMethod("center", of: text, Arguments(positional: [width]))
  }

  private static let format: Filter = { interpreter, value, arguments throws(TemplateError) in
    guard arguments.positional.isEmpty || arguments.keywords.isEmpty else {
      throw .runtime("format takes positional or named arguments, and not both")
    }
    var values = Value.tuple(try interpreter.items(arguments.positional))
    if !arguments.keywords.isEmpty {
      var mapping = Mapping()
      for (name, value) in arguments.keywords { mapping.set(name, value) }
      values = .dictionary(mapping)
    }
    return try interpreter.formatted(try interpreter.string(value), with: values)
  }

  /// For HTML; what is escaped is a plain string, and escaping it again does so.
  private static let escape: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("escape", [])
    var result: [UInt8] = []
    for byte in try interpreter.string(value).bytes {
      switch byte {
      case UInt8(ascii: "&"): result += "&amp;".utf8
      case UInt8(ascii: "<"): result += "&lt;".utf8
      case UInt8(ascii: ">"): result += "&gt;".utf8
      case UInt8(ascii: "'"): result += "&#39;".utf8
      case UInt8(ascii: "\""): result += "&#34;".utf8
      default: result.append(byte)
      }
    }
    return try interpreter.text(Text(bytes: result))
  }

  private static let urlencode: Filter = { interpreter, value, arguments throws(TemplateError) in
    _ = try arguments.bound("urlencode", [])
    var pairs: [Value]
    switch value {
    case .dictionary(let mapping): pairs = try interpreter.pairs(mapping).values
    case .list, .tuple, .view, .object: pairs = try interpreter.elements(of: value)
    default: return try interpreter.text(quoted(try interpreter.string(value), isQuery: false))
    }
    var parts: [Value] = []
    for pair in pairs {
      let both = try interpreter.elements(of: pair)
      guard both.count == 2 else { throw .runtime("urlencode takes pairs") }
      let key = quoted(try interpreter.string(both[0]), isQuery: true)
      parts.append(.string(key + "=" + quoted(try interpreter.string(both[1]), isQuery: true)))
    }
    return try interpreter.join(parts, "&", convert: true)
  }

  private static func quoted(_ text: Text, isQuery: Bool) -> Text {
    var result: [UInt8] = []
    for byte in text.bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "-"), UInt8(ascii: "~"):
        result.append(byte)
      case UInt8(ascii: "/") where !isQuery: result.append(byte)
      case 0x20 where isQuery: result.append(UInt8(ascii: "+"))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%\(digits.count < 2 ? "0" : "")\(digits)".utf8
      }
    }
    return Text(bytes: result)
  }
}
