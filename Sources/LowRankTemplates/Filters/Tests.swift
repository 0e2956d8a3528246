/// What stands after `is`.
enum Tests {
  typealias Test = @Sendable (Interpreter, Value, Arguments) throws(TemplateError) -> Bool

  static let all: [String: Test] = types.merging(comparisons) { first, _ in first }

  /// A test that takes nothing but the value.
  private static func plain(_ name: String, _ test: @escaping @Sendable (Value) -> Bool) -> Test {
    { _, value, arguments throws(TemplateError) in
      _ = try arguments.bound("the test \(name)", [])
      return test(value)
    }
  }

  private static func isBool(_ value: Value, _ wanted: Bool? = nil) -> Bool {
    if case .bool(let value) = value { return wanted == nil || value == wanted }
    return false
  }

  private static let types: [String: Test] = [
    "defined": plain("defined") { !$0.isUndefined },
    "undefined": plain("undefined") { $0.isUndefined },
    "none": plain("none", Filters.isNone),
    "boolean": plain("boolean") { isBool($0) },
    "true": plain("true") { isBool($0, true) },
    "false": plain("false") { isBool($0, false) },
    "integer": plain("integer") { $0.integer != nil && !isBool($0) },
    "float": plain("float") { $0.number != nil && $0.integer == nil },
    "number": plain("number") { $0.number != nil },
    "string": plain("string") { $0.text != nil },
    "mapping": plain("mapping") { if case .dictionary = $0 { true } else { false } },
    "sequence": plain("sequence") {
      switch $0 {
      case .undefined, .string, .list, .tuple, .dictionary, .range: true
      default: false
      }
    },
    "iterable": plain("iterable") {
      switch $0 {
      case .undefined, .string, .list, .tuple, .dictionary, .range, .view: true
      case .object(let object): object is IteratorObject || object is LoopObject
      default: false
      }
    },
    "callable": plain("callable") {
      switch $0 {
      case .undefined: true
      case .object(let object):
        object is MacroObject || object is FunctionObject || object is LoopObject
          || object is JoinerObject
      default: false
      }
    },
    "escaped": plain("escaped") { _ in false },
    "lower": { interpreter, value, arguments throws(TemplateError) in
      _ = try arguments.bound("the test lower", [])
      return try interpreter.string(value).isOf("islower")
    },
    "upper": { interpreter, value, arguments throws(TemplateError) in
      _ = try arguments.bound("the test upper", [])
      return try interpreter.string(value).isOf("isupper")
    },
    "filter": { _, value, arguments throws(TemplateError) in
      _ = try arguments.bound("the test filter", [])
      return value.text.map { Filters.all[$0.string] != nil } ?? false
    },
    "test": { _, value, arguments throws(TemplateError) in
      _ = try arguments.bound("the test test", [])
      return value.text.map { all[$0.string] != nil } ?? false
    },
  ]

  // MARK: With an argument

  private static func argument(_ arguments: Arguments, _ name: String) throws(TemplateError)
    -> Value
  {
    try arguments.positionalOnly("the test \(name)", 1...1)[0]
  }

  private static func comparing(_ comparison: Expression.Comparison) -> Test {
    { interpreter, value, arguments throws(TemplateError) in
      try interpreter.compare(value, comparison, try argument(arguments, "for order"))
    }
  }

  private static func remainder(
    _ interpreter: Interpreter, _ value: Value, _ divisor: Value, is wanted: Int
  ) throws(TemplateError) -> Bool {
    let remainder = try interpreter.arithmetic(.modulo, value, divisor)
    return try interpreter.equal(remainder, .integer(wanted))
  }

  private static let comparisons: [String: Test] = [
    "==": comparing(.equal), "eq": comparing(.equal), "equalto": comparing(.equal),
    "!=": comparing(.notEqual), "ne": comparing(.notEqual),
    ">": comparing(.greater), "gt": comparing(.greater), "greaterthan": comparing(.greater),
    ">=": comparing(.greaterOrEqual), "ge": comparing(.greaterOrEqual),
    "<": comparing(.less), "lt": comparing(.less), "lessthan": comparing(.less),
    "<=": comparing(.lessOrEqual), "le": comparing(.lessOrEqual),
    "in": { interpreter, value, arguments throws(TemplateError) in
      let container = try arguments.bound("the test in", ["seq"], required: 1)[0] ?? .none
      return try interpreter.contains(container, value)
    },
    "odd": { interpreter, value, arguments throws(TemplateError) in
      _ = try arguments.bound("the test odd", [])
      return try remainder(interpreter, value, .integer(2), is: 1)
    },
    "even": { interpreter, value, arguments throws(TemplateError) in
      _ = try arguments.bound("the test even", [])
      return try remainder(interpreter, value, .integer(2), is: 0)
    },
    "divisibleby": { interpreter, value, arguments throws(TemplateError) in
      let divisor = try arguments.bound("the test divisibleby", ["num"], required: 1)[0] ?? .none
      return try remainder(interpreter, value, divisor, is: 0)
    },
    "sameas": { _, value, arguments throws(TemplateError) in
      let other = try arguments.bound("the test sameas", ["other"], required: 1)[0] ?? .none
      return isSame(value, other)
    },
  ]

  /// Whether two values would be one object in Python, as far as that is defined.
  private static func isSame(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.none, .none): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.object(let left), .object(let right)): left === right
    default: false
    }
  }
}
