extension Parser {
  /// Reads an expression, loosest operators first.
  mutating func expression(conditional: Bool = true) throws(TemplateError) -> Expression {
    try enter()
    defer { depth -= 1 }
    return conditional ? try self.conditional() : try or()
  }

  /// Reads an expression, or several with commas between as a tuple.
  mutating func tuple(
    conditional: Bool = true, endsAtRecursive: Bool = false, inParentheses: Bool = false
  ) throws(TemplateError) -> Expression {
    var items: [Expression] = []
    var isTuple = false
    var highest = 0
    while true {
      let ends =
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
        default: endsAtRecursive && isName("recursive")
        }
      if ends { break }
      items.append(try expression(conditional: conditional))
      highest = max(highest, height)
      guard skip(.comma) else { break }
      isTuple = true
    }
    if !isTuple, let only = items.first { return only }
    guard isTuple || inParentheses else { throw unexpected("an expression") }
    try grow(over: highest)
    return .tuple(items)
  }

  private mutating func conditional() throws(TemplateError) -> Expression {
    var line = line
    var result = try or()
    while skip(name: "if") {
      let thenHeight = height
      let test = try or()
      let testHeight = height
      let otherwise = skip(name: "else") ? try expression() : nil
      try grow(over: thenHeight, testHeight)
      result = .conditional(test: test, then: result, otherwise: otherwise, line: line)
      line = self.line
    }
    return result
  }

  private mutating func or() throws(TemplateError) -> Expression {
    var left = try and()
    while skip(name: "or") {
      let before = height
      left = .or(left, try and())
      try grow(over: before)
    }
    return left
  }

  private mutating func and() throws(TemplateError) -> Expression {
    var left = try not()
    while skip(name: "and") {
      let before = height
      left = .and(left, try not())
      try grow(over: before)
    }
    return left
  }

  private mutating func not() throws(TemplateError) -> Expression {
    guard skip(name: "not") else { return try comparison() }
    try enter()
    defer { depth -= 1 }
    let operand = try not()
    try grow()
    return .not(operand)
  }

  private mutating func comparison() throws(TemplateError) -> Expression {
    let first = try sum()
    var highest = height
    var operands: [Expression.Operand] = []
    while let comparison = skipComparison() {
      let operand = try sum()
      highest = max(highest, height)
      operands.append(Expression.Operand(comparison: comparison, expression: operand))
    }
    if operands.isEmpty { return first }
    try grow(over: highest)
    return .comparison(first, operands)
  }

  private mutating func skipComparison() -> Expression.Comparison? {
    let comparison: Expression.Comparison
    switch current.kind {
    case .symbol(.equal): comparison = .equal
    case .symbol(.notEqual): comparison = .notEqual
    case .symbol(.less): comparison = .less
    case .symbol(.lessOrEqual): comparison = .lessOrEqual
    case .symbol(.greater): comparison = .greater
    case .symbol(.greaterOrEqual): comparison = .greaterOrEqual
    case .name("in"): comparison = .contained
    case .name("not") where following.kind == .name("in"):
      comparison = .notContained
      advance()
    default: return nil
    }
    advance()
    return comparison
  }

  private mutating func sum() throws(TemplateError) -> Expression {
    var left = try concatenation()
    while isSymbol(.plus) || isSymbol(.minus) {
      let operation: Expression.Arithmetic = isSymbol(.plus) ? .add : .subtract
      advance()
      let before = height
      left = .arithmetic(operation, left, try concatenation())
      try grow(over: before)
    }
    return left
  }

  private mutating func concatenation() throws(TemplateError) -> Expression {
    var parts = [try product()]
    var highest = height
    while skip(.tilde) {
      parts.append(try product())
      highest = max(highest, height)
    }
    if parts.count == 1 { return parts[0] }
    try grow(over: highest)
    return .concatenation(parts)
  }

  private mutating func product() throws(TemplateError) -> Expression {
    var left = try power()
    while true {
      let operation: Expression.Arithmetic
      switch current.kind {
      case .symbol(.multiply): operation = .multiply
      case .symbol(.divide): operation = .divide
      case .symbol(.floorDivide): operation = .floorDivide
      case .symbol(.percent): operation = .modulo
      default: return left
      }
      advance()
      let before = height
      left = .arithmetic(operation, left, try power())
      try grow(over: before)
    }
  }

  private mutating func power() throws(TemplateError) -> Expression {
    var left = try unary(filtered: true)
    while skip(.power) {
      let before = height
      left = .arithmetic(.power, left, try unary(filtered: true))
      try grow(over: before)
    }
    return left
  }

  private mutating func unary(filtered: Bool) throws(TemplateError) -> Expression {
    try enter()
    defer { depth -= 1 }
    var result: Expression
    if skip(.minus) {
      result = .negative(try unary(filtered: false))
      try grow()
    } else if skip(.plus) {
      result = .positive(try unary(filtered: false))
      try grow()
    } else {
      result = try primary()
    }
    result = try postfixed(result)
    return filtered ? try filteredOrTested(result) : result
  }
}
