extension Parser {
  /// Reads the attributes, elements and calls after an expression.
  mutating func postfixed(_ expression: Expression) throws(TemplateError) -> Expression {
    var result = expression
    while true {
      switch current.kind {
      case .symbol(.dot): result = try attribute(of: result)
      case .symbol(.leftBracket): result = try element(of: result)
      case .symbol(.leftParenthesis): result = .call(result, try callArguments())
      default: return result
      }
    }
  }

  /// Reads the filters and tests after an expression.
  mutating func filteredOrTested(_ expression: Expression) throws(TemplateError) -> Expression {
    var result = expression
    while true {
      switch current.kind {
      case .symbol(.pipe): result = try filtered(result)
      case .name("is"): result = try tested(result)
      case .symbol(.leftParenthesis): result = .call(result, try callArguments())
      default: return result
      }
    }
  }

  private mutating func attribute(of base: Expression) throws(TemplateError) -> Expression {
    advance()
    try grow()
    switch current.kind {
    case .name(let name):
      advance()
      return .attribute(base, Text(name))
    case .integer(let index):
      advance()
      return .element(base, .integer(index))
    default: throw unexpected("a name or a number")
    }
  }

  private mutating func element(of base: Expression) throws(TemplateError) -> Expression {
    let before = height
    advance()
    var highest = 0
    var items: [Expression] = []
    while !isSymbol(.rightBracket) {
      if !items.isEmpty { try expect(.comma) }
      items.append(try subscripted())
      highest = max(highest, height)
    }
    try expect(.rightBracket)
    height = highest
    try grow(over: before)
    return .element(base, items.count == 1 ? items[0] : .tuple(items))
  }

  private mutating func subscripted() throws(TemplateError) -> Expression {
    var bounds: [Expression?] = [nil, nil, nil]
    var highest = 0
    if !isSymbol(.colon) {
      let first = try expression()
      guard isSymbol(.colon) else { return first }
      bounds[0] = first
      highest = height
    }
    for position in 1...2 {
      guard skip(.colon) else { break }
      if isSymbol(.colon) || isSymbol(.rightBracket) || isSymbol(.comma) { continue }
      bounds[position] = try expression()
      highest = max(highest, height)
    }
    height = highest
    try grow()
    return .slice(bounds[0], bounds[1], bounds[2])
  }

  // MARK: Filters and tests

  /// Reads "|" and a filter.
  mutating func filtered(_ base: Expression) throws(TemplateError) -> Expression {
    advance()
    return try filter(base)
  }

  /// Reads a filter's name and arguments.
  mutating func filter(_ base: Expression) throws(TemplateError) -> Expression {
    let before = height
    let (name, line) = try dottedName()
    height = 0
    let call = isSymbol(.leftParenthesis) ? try callArguments() : Expression.Call(line: line)
    try grow(over: before)
    return .filter(base, name, call)
  }

  private mutating func dottedName() throws(TemplateError) -> (String, line: Int) {
    let line = line
    var name = try expectName()
    while skip(.dot) { name += "." + (try expectName()) }
    return (name, line)
  }

  private mutating func tested(_ base: Expression) throws(TemplateError) -> Expression {
    let before = height
    advance()
    let isNegated = skip(name: "not")
    let (name, line) = try dottedName()
    var call = Expression.Call(line: line)
    height = 0
    if isSymbol(.leftParenthesis) {
      call = try callArguments()
    } else if takesBareArgument {
      if isName("is") { throw failure("tests with \"is\" cannot be chained") }
      try enter()
      defer { depth -= 1 }
      call.positional = [try postfixed(try primary())]
    }
    try grow(over: before)
    let test = Expression.test(base, name, call)
    return isNegated ? .not(test) : test
  }

  private var takesBareArgument: Bool {
    switch current.kind {
    case .name(let name): !["else", "or", "and"].contains(name)
    case .string, .integer, .double, .symbol(.leftBracket), .symbol(.leftBrace): true
    default: false
    }
  }

  // MARK: Calls

  mutating func callArguments() throws(TemplateError) -> Expression.Call {
    var highest = height
    var call = Expression.Call(line: line)
    try expect(.leftParenthesis)
    var isFirst = true
    while !isSymbol(.rightParenthesis) {
      if !isFirst {
        try expect(.comma)
        if isSymbol(.rightParenthesis) { break }
      }
      isFirst = false
      try argument(of: &call)
      highest = max(highest, height)
    }
    try expect(.rightParenthesis)
    height = highest
    try grow()
    return call
  }

  private mutating func argument(of call: inout Expression.Call) throws(TemplateError) {
    let line = line
    var isAllowed = call.keywordRest == nil
    if skip(.multiply) {
      isAllowed = isAllowed && call.positionalRest == nil
      call.positionalRest = try expression()
    } else if skip(.power) {
      call.keywordRest = try expression()
    } else if case .name(let name) = current.kind, following.kind == .symbol(.assign) {
      advance()
      advance()
      let isRepeated = call.keywords.contains { $0.name == Text(name) }
      if isRepeated { throw failure("the argument \"\(name)\" is given twice", line: line) }
      call.keywords.append((Text(name), try expression()))
    } else {
      isAllowed = isAllowed && call.positionalRest == nil && call.keywords.isEmpty
      call.positional.append(try expression())
    }
    guard isAllowed else { throw failure("the arguments of a call are out of order", line: line) }
  }
}
