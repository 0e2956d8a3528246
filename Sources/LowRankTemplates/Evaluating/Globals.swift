import Foundation

/// The functions that every template can call.
enum Globals {
  static let functions: [Text: @Sendable (Interpreter, Arguments) throws(TemplateError) -> Value] =
    [
      "range": range,
      "dict": { interpreter, arguments throws(TemplateError) in
        .dictionary(try mapping(interpreter, arguments))
      },
      "namespace": { interpreter, arguments throws(TemplateError) in
        let attributes = try mapping(interpreter, arguments)
        for case (.string(let name), _) in attributes.entries {
          try Interpreter.checkAttribute(name)
        }
        return .object(interpreter.keep(NamespaceObject(attributes)))
      },
      "cycler": { interpreter, arguments throws(TemplateError) in
        let items = try arguments.positionalOnly("cycler", 1...Int.max)
        return .object(interpreter.keep(CyclerObject(items)))
      },
      "joiner": { interpreter, arguments throws(TemplateError) in
        let separator = try arguments.bound("joiner", ["sep"])[0] ?? .string(", ")
        return .object(interpreter.keep(JoinerObject(separator)))
      },
      "raise_exception": { interpreter, arguments throws(TemplateError) in
        let message = try arguments.bound("raise_exception", ["message"], required: 1)[0] ?? .none
        throw TemplateError(.raised, try interpreter.string(message).string)
      },
      "strftime_now": { interpreter, arguments throws(TemplateError) in
        let format = try arguments.bound("strftime_now", ["format"], required: 1)[0] ?? .none
        return try interpreter.text(
          interpreter.clock.written(try interpreter.requiredText(format, "strftime_now")))
      },
    ]

  @Sendable private static func range(
    _ interpreter: Interpreter, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let given = try arguments.positionalOnly("range", 1...3).mapped {
      value throws(TemplateError) in try interpreter.requiredInteger(value, "range")
    }
    let range = try IntegerRange(
      start: given.count > 1 ? given[0] : 0, stop: given.count > 1 ? given[1] : given[0],
      step: given.count > 2 ? given[2] : 1)
    guard range.count <= interpreter.limits.rangeLength else {
      throw TemplateError(
        .limit,
        "a range has \(range.count) numbers, and \(interpreter.limits.rangeLength) are allowed")
    }
    return .range(range)
  }

  /// What Python's `dict` makes of a dictionary or of pairs, and of named arguments.
  private static func mapping(
    _ interpreter: Interpreter, _ arguments: Arguments
  ) throws(TemplateError) -> Mapping {
    guard arguments.positional.count <= 1 else { throw .runtime("dict takes at most one value") }
    var mapping = Mapping()
    if let value = arguments.positional.first {
      if case .dictionary(let other) = value {
        mapping = other
      } else {
        if case .undefined(let message) = value { throw .runtime(message) }
        for pair in try interpreter.elements(of: value) {
          let both = try interpreter.elements(of: pair)
          guard both.count == 2 else { throw .runtime("dict takes pairs") }
          try mapping.set(both[0], both[1])
        }
      }
    }
    for (name, value) in arguments.keywords { mapping.set(name, value) }
    try interpreter.check(depth: mapping.depth)
    return mapping
  }
}

extension TemplateClock {
  /// The time in the directives of C's `strftime`, of a time that knows no zone.
  func written(_ format: Text) -> Text {
    let date = now()
    let seconds = date.timeIntervalSince1970.rounded(.down)
    let microseconds = Int((date.timeIntervalSince1970 - seconds) * 1e6)
    var moment = time_t(seconds) + time_t(timeZone.secondsFromGMT(for: date))
    var parts = tm()
    gmtime_r(&moment, &parts)
    var pattern: [CChar] = []
    var bytes = format.bytes[...]
    while let byte = bytes.popFirst(), byte != 0 {
      guard byte == UInt8(ascii: "%"), let directive = bytes.first else {
        pattern.append(CChar(bitPattern: byte))
        continue
      }
      bytes.removeFirst()
      switch directive {
      case UInt8(ascii: "z"), UInt8(ascii: "Z"): break
      case UInt8(ascii: "f"):
        let digits = String(microseconds)
        pattern += (String(repeating: "0", count: max(0, 6 - digits.count)) + digits).utf8.map {
          CChar(bitPattern: $0)
        }
      default: pattern += [CChar(bitPattern: byte), CChar(bitPattern: directive)]
      }
    }
    pattern.append(0)
    var buffer = [CChar](repeating: 0, count: 256 + 64 * pattern.count)
    let length = strftime(&buffer, buffer.count, pattern, &parts)
    return Text(bytes: buffer[..<length].map { UInt8(bitPattern: $0) })
  }
}
