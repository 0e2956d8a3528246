extension Interpreter {
  /// A method of a string, as Python's `str` has it.
  func callMethod(
    _ name: String, of text: Text, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    try step(text.bytes.count / 16)
    let method = "str.\(name)"
    func none() throws(TemplateError) { _ = try arguments.positionalOnly(method, 0...0) }
    switch name {
    case "capitalize", "casefold", "lower", "upper", "swapcase", "title":
      try none()
      return try self.text(Self.recased(text, name))
    case "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower",
      "isnumeric", "isprintable", "isspace", "istitle", "isupper":
      try none()
      return .bool(text.isOf(name))
    case "strip", "lstrip", "rstrip":
      let given = try arguments.positionalOnly(method, 0...1)
      let characters = try optionalText(given.first, method)
      return try self.text(
        text.stripped(characters, left: name != "rstrip", right: name != "lstrip"))
    case "split", "rsplit": return try split(text, name, arguments)
    case "splitlines":
      let keeps = try arguments.bound(method, ["keepends"])[0]?.isTrue ?? false
      return try list(text.lines(keepingEnds: keeps).map(Value.string))
    case "partition", "rpartition": return try partition(text, name, arguments)
    case "join":
      let given = try arguments.positionalOnly(method, 1...1)
      return try join(try elements(of: given[0]), text, convert: false)
    case "replace": return try replace(text, arguments)
    case "startswith", "endswith": return try startsOrEnds(text, name, arguments)
    case "find", "rfind", "index", "rindex", "count": return try find(text, name, arguments)
    case "removeprefix", "removesuffix":
      let part = try requiredText(try arguments.positionalOnly(method, 1...1)[0], method)
      if name == "removeprefix" {
        return try self.text(
          text.hasPrefix(part) ? text.slice(part.bytes.count..<text.bytes.count) : text)
      }
      return try self.text(
        text.hasSuffix(part) ? text.slice(0..<text.bytes.count - part.bytes.count) : text)
    case "center", "ljust", "rjust", "zfill": return try pad(text, name, arguments)
    case "expandtabs": return try expandTabs(text, arguments)
    case "format": return try formatFields(text, arguments)
    case "format_map":
      guard case .dictionary(let mapping) = try arguments.positionalOnly(method, 1...1)[0] else {
        throw .runtime("\(method) takes a dictionary")
      }
      var fields = Arguments()
      for case (.string(let key), let value) in mapping.entries {
        fields.keywords.append((key, value))
      }
      return try formatFields(text, fields)
    default: throw .runtime("a string has no method \"\(name)\"")
    }
  }

  static func recased(_ text: Text, _ name: String) -> Text {
    switch name {
    case "capitalize": text.capitalized()
    case "upper": text.uppercased()
    case "swapcase": text.caseSwapped()
    case "title": text.titled()
    default: text.lowercased()
    }
  }

  func requiredText(_ value: Value, _ function: String) throws(TemplateError) -> Text {
    if case .undefined(let message) = value { throw .runtime(message) }
    guard case .string(let text) = value else {
      throw .runtime("\(function) takes a string, and not a \(value.typeName)")
    }
    return text
  }

  func optionalText(_ value: Value?, _ function: String) throws(TemplateError) -> Text? {
    guard let value else { return nil }
    if case .none = value { return nil }
    return try requiredText(value, function)
  }

  func requiredInteger(_ value: Value, _ function: String) throws(TemplateError) -> Int {
    if case .undefined(let message) = value { throw .runtime(message) }
    guard let integer = value.integer else {
      throw .runtime("\(function) takes an integer, and not a \(value.typeName)")
    }
    return integer
  }

  private func split(
    _ text: Text, _ name: String, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let given = try arguments.bound("str.\(name)", ["sep", "maxsplit"])
    let separator = try optionalText(given[0], "str.\(name)")
    var limit = -1
    if let value = given[1] { limit = try requiredInteger(value, "str.\(name)") }
    if limit < 0 { limit = .max }
    let parts: [Text]
    if let separator {
      guard !separator.isEmpty else { throw .runtime("a string is split at nothing") }
      parts =
        name == "split"
        ? text.split(separator, limit: limit) : text.splitFromEnd(separator, limit: limit)
      try step(text.bytes.count * (name == "split" ? 1 : separator.bytes.count) / 64)
    } else {
      parts = name == "split" ? text.words(limit: limit) : text.wordsFromEnd(limit: limit)
    }
    return try list(parts.map(Value.string))
  }

  private func partition(
    _ text: Text, _ name: String, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let method = "str.\(name)"
    let separator = try requiredText(try arguments.positionalOnly(method, 1...1)[0], method)
    guard !separator.isEmpty else { throw .runtime("a string is split at nothing") }
    let fromLeft = name == "partition"
    let found =
      fromLeft ? text.offset(of: separator) : text.offsetsFromEnd(of: separator, limit: 1).first
    let parts: [Text]
    if let found {
      let rest = text.slice(found + separator.bytes.count..<text.bytes.count)
      parts = [text.slice(0..<found), separator, rest]
    } else {
      parts = fromLeft ? [text, "", ""] : ["", "", text]
    }
    return .tuple(try items(parts.map(Value.string)))
  }

  /// Strings with a text between them; as a filter what is no string is printed, as a method it
  /// is an error.
  func join(
    _ values: [Value], _ separator: Text, convert: Bool
  ) throws(TemplateError) -> Value {
    var bytes: [UInt8] = []
    for (position, value) in values.enumerated() {
      if position > 0 { bytes += separator.bytes }
      bytes += convert ? try string(value).bytes : try requiredText(value, "str.join").bytes
      try checkLength(bytes.count)
    }
    try step(values.count)
    return try text(Text(bytes: bytes))
  }

  private func replace(_ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
    let given = try arguments.positionalOnly("str.replace", 2...3)
    let old = try requiredText(given[0], "str.replace")
    let new = try requiredText(given[1], "str.replace")
    let limit = given.count > 2 ? try requiredInteger(given[2], "str.replace") : -1
    return try replaced(text, old, new, limit)
  }

  func replaced(_ text: Text, _ old: Text, _ new: Text, _ limit: Int) throws(TemplateError) -> Value
  {
    let limit = limit < 0 ? Int.max : limit
    let count = min(limit, old.isEmpty ? text.count + 1 : text.offsets(of: old).count)
    let (added, overflows) = count.multipliedReportingOverflow(by: new.bytes.count)
    guard !overflows else { throw TemplateError(.limit, "it makes too long a string") }
    try checkLength(text.bytes.count + added)
    return try self.text(text.replacing(old, with: new, limit: limit))
  }

  private func startsOrEnds(
    _ text: Text, _ name: String, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let method = "str.\(name)"
    let given = try arguments.positionalOnly(method, 1...3)
    guard let part = try window(of: text, given, method)?.text else { return .bool(false) }
    var choices = [given[0]]
    if case .tuple(let items) = given[0] { choices = items.values }
    for choice in choices {
      let affix = try requiredText(choice, method)
      if name == "startswith" ? part.hasPrefix(affix) : part.hasSuffix(affix) { return .bool(true) }
    }
    return .bool(false)
  }

  /// The part of a text between two positions, and where it begins; nil where it would begin
  /// after the end.
  private func window(
    of text: Text, _ given: [Value], _ method: String
  ) throws(TemplateError) -> (text: Text, start: Int)? {
    guard given.count > 1 else { return (text, 0) }
    let offsets = text.offsets
    let count = offsets.count - 1
    var bounds = [0, count]
    for (position, value) in given.dropFirst().enumerated() {
      if case .none = value { continue }
      let bound = try requiredInteger(value, method)
      bounds[position] = min(bound < 0 ? max(0, max(bound, -count) + count) : bound, count + 1)
    }
    let end = min(bounds[1], count)
    guard bounds[0] <= end else { return nil }
    return (text.slice(offsets[bounds[0]]..<offsets[end]), bounds[0])
  }

  private func find(
    _ text: Text, _ name: String, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let method = "str.\(name)"
    let given = try arguments.positionalOnly(method, 1...3)
    let part = try requiredText(given[0], method)
    let window = try self.window(of: text, given, method)
    if name == "count" {
      guard let window else { return .integer(0) }
      if part.isEmpty { return .integer(window.text.count + 1) }
      return .integer(window.text.offsets(of: part).count)
    }
    try step(text.bytes.count * (name.hasPrefix("r") ? part.bytes.count : 1) / 64)
    if let window {
      let found =
        name.hasPrefix("r")
        ? window.text.offsetsFromEnd(of: part, limit: 1).first : window.text.offset(of: part)
      if let found { return .integer(window.start + window.text.slice(0..<found).count) }
    }
    guard name.hasSuffix("find") else {
      throw .runtime("the text that \(method) seeks is not there")
    }
    return .integer(-1)
  }

  private func pad(
    _ text: Text, _ name: String, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let method = "str.\(name)"
    let given = try arguments.positionalOnly(method, name == "zfill" ? 1...1 : 1...2)
    let width = try requiredInteger(given[0], method)
    let fill: Text =
      name == "zfill" ? "0" : given.count > 1 ? try requiredText(given[1], method) : " "
    guard fill.count == 1 else { throw .runtime("\(method) fills with one character") }
    try checkLength(max(width, 0))
    return try self.text(text.padded(to: width, with: fill, name))
  }

  private func expandTabs(_ text: Text, _ arguments: Arguments) throws(TemplateError) -> Value {
    let value = try arguments.bound("str.expandtabs", ["tabsize"])[0] ?? .integer(8)
    let size = try requiredInteger(value, "str.expandtabs")
    var result = Text(bytes: [])
    var column = 0
    for scalar in text.scalars {
      if scalar == "\t" {
        let width = size > 0 ? size - column % size : 0
        try checkLength(result.bytes.count.addingReportingOverflow(width).partialValue)
        result.bytes += repeatElement(0x20, count: width)
        column += width
      } else {
        result.append(scalar)
        column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
      }
    }
    return try self.text(result)
  }
}
