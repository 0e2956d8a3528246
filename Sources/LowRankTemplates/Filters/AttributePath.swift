/// The attribute that a filter looks at in every item: names and numbers with dots between.
struct AttributePath {
  private let parts: [Value]
  private let fallback: Value?
  private let ignoresCase: Bool

  init(
    _ attribute: Value?, fallback: Value? = nil, ignoresCase: Bool = false
  ) throws(TemplateError) {
    switch attribute {
    case nil, Value.none?: parts = []
    case .string(let text)?:
      parts = text.split(".", limit: .max).map { part in
        part.isOf("isdigit") ? Int(part.string).map(Value.integer) ?? .string(part) : .string(part)
      }
    case let value?: parts = [value]
    }
    self.fallback = fallback.flatMap { Filters.isNone($0) ? nil : $0 }
    self.ignoresCase = ignoresCase
  }

  func value(of item: Value, _ interpreter: Interpreter) throws(TemplateError) -> Value {
    try interpreter.step()
    var value = item
    for part in parts {
      value = try interpreter.element(part, of: value)
      if let fallback, value.isUndefined { value = fallback }
    }
    guard ignoresCase, case .string(let text) = value else { return value }
    return try interpreter.text(text.lowercased())
  }
}
