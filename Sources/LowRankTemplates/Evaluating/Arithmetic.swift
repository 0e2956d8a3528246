import Foundation

extension Interpreter {
  /// An operation of Python on numbers, or one that it has for strings and lists.
  func arithmetic(
    _ operation: Expression.Arithmetic, _ left: Value, _ right: Value
  ) throws(TemplateError) -> Value {
    if let left = left.integer, let right = right.integer {
      return try integers(operation, left, right)
    }
    if let left = left.number, let right = right.number {
      return try doubles(operation, left, right)
    }
    if case .modulo = operation, case .string(let format) = left {
      return try formatted(format, with: right)
    }
    for case .undefined(let message) in [left, right] { throw .runtime(message) }
    switch (operation, left, right) {
    case (.add, .string(let left), .string(let right)):
      try checkLength(left.bytes.count + right.bytes.count)
      return try text(left + right)
    case (.add, .list(let left), .list(let right)):
      try checkLength(left.values.count + right.values.count)
      return try list(left.values + right.values)
    case (.add, .tuple(let left), .tuple(let right)):
      try checkLength(left.values.count + right.values.count)
      return .tuple(try items(left.values + right.values))
    case (.multiply, _, _):
      if let count = right.integer, let value = try repeated(left, count) { return value }
      if let count = left.integer, let value = try repeated(right, count) { return value }
    default: break
    }
    throw .runtime(
      "values of the types \(left.typeName) and \(right.typeName) cannot be combined here")
  }

  private func repeated(_ value: Value, _ count: Int) throws(TemplateError) -> Value? {
    let count = max(count, 0)
    func check(_ length: Int) throws(TemplateError) {
      let (total, overflows) = length.multipliedReportingOverflow(by: count)
      try checkLength(overflows ? Int.max : total)
    }
    switch value {
    case .string(let text):
      try check(text.bytes.count)
      if text.isEmpty { return value }
      return try self.text(Text(bytes: Array(repeatElement(text.bytes, count: count).joined())))
    case .list(let items), .tuple(let items):
      try check(items.values.count)
      let values =
        items.values.isEmpty ? [] : Array(repeatElement(items.values, count: count).joined())
      let repeated = try self.items(values)
      if case .tuple = value { return .tuple(repeated) }
      return .list(repeated)
    default: return nil
    }
  }

  private func integers(
    _ operation: Expression.Arithmetic, _ left: Int, _ right: Int
  ) throws(TemplateError) -> Value {
    let result: (partialValue: Int, overflow: Bool)
    switch operation {
    case .add: result = left.addingReportingOverflow(right)
    case .subtract: result = left.subtractingReportingOverflow(right)
    case .multiply: result = left.multipliedReportingOverflow(by: right)
    case .divide:
      guard right != 0 else { throw .runtime("a division by zero") }
      return .double(Double(left) / Double(right))
    case .floorDivide, .modulo:
      guard right != 0 else { throw .runtime("a division by zero") }
      var quotient = left.dividedReportingOverflow(by: right)
      var remainder = left.remainderReportingOverflow(dividingBy: right).partialValue
      if remainder != 0, (remainder < 0) != (right < 0) {
        quotient.partialValue -= 1
        remainder += right
      }
      result = operation == .modulo ? (remainder, false) : quotient
    case .power:
      if right < 0 {
        guard left != 0 else { throw .runtime("zero to a negative power") }
        return .double(pow(Double(left), Double(right)))
      }
      result = Self.power(left, right)
    }
    guard !result.overflow else { throw .runtime("an integer exceeds 64 bits") }
    return .integer(result.partialValue)
  }

  private static func power(_ base: Int, _ exponent: Int) -> (Int, overflow: Bool) {
    var (result, square, rest) = (1, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 {
        let (next, overflows) = result.multipliedReportingOverflow(by: square)
        if overflows { return (0, true) }
        result = next
      }
      rest >>= 1
      if rest > 0 {
        let (next, overflows) = square.multipliedReportingOverflow(by: square)
        if overflows { return (0, true) }
        square = next
      }
    }
    return (result, false)
  }

  private func doubles(
    _ operation: Expression.Arithmetic, _ left: Double, _ right: Double
  ) throws(TemplateError) -> Value {
    switch operation {
    case .add: return .double(left + right)
    case .subtract: return .double(left - right)
    case .multiply: return .double(left * right)
    case .divide:
      guard right != 0 else { throw .runtime("a division by zero") }
      return .double(left / right)
    case .floorDivide, .modulo:
      guard right != 0 else { throw .runtime("a division by zero") }
      var remainder = fmod(left, right)
      var quotient = (left - remainder) / right
      if remainder != 0, (remainder < 0) != (right < 0) {
        remainder += right
        quotient -= 1
      } else if remainder == 0 {
        remainder = copysign(0, right)
      }
      if operation == .modulo { return .double(remainder) }
      if quotient == 0 { return .double(copysign(0, left / right)) }
      let whole = quotient.rounded(.down)
      return .double(quotient - whole > 0.5 ? whole + 1 : whole)
    case .power:
      guard left >= 0 || right == right.rounded() || left.isNaN || right.isNaN else {
        throw .runtime("a negative number to a broken power")
      }
      guard left != 0 || right >= 0 else { throw .runtime("zero to a negative power") }
      let result = pow(left, right)
      guard result.isFinite || !left.isFinite || !right.isFinite else {
        throw .runtime("a power is too large")
      }
      return .double(result)
    }
  }

  func negated(_ value: Value) throws(TemplateError) -> Value {
    if let integer = value.integer {
      guard integer != Int.min else { throw .runtime("an integer exceeds 64 bits") }
      return .integer(-integer)
    }
    return .double(-(try signed(value)))
  }

  func positive(_ value: Value) throws(TemplateError) -> Value {
    if let integer = value.integer { return .integer(integer) }
    return .double(try signed(value))
  }

  private func signed(_ value: Value) throws(TemplateError) -> Double {
    if case .undefined(let message) = value { throw .runtime(message) }
    guard case .double(let number) = value else {
      throw .runtime("a value of type \(value.typeName) has no sign")
    }
    return number
  }
}
