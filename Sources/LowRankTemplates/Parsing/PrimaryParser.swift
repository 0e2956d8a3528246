extension Parser {
  /// Reads a name, a literal, or an expression in brackets.
  mutating func primary() throws(TemplateError) -> Expression {
    height = 1
    switch current.kind {
    case .name(let name):
      advance()
      return named(name)
    case .string(var text):
      advance()
      while case .string(let more) = current.kind {
        text.bytes += more.bytes
        advance()
      }
      return .string(text)
    case .integer(let value):
      advance()
      return .integer(value)
    case .double(let value):
      advance()
      return .double(value)
    case .symbol(.leftParenthesis):
      advance()
      height = 0
      let inside = try tuple(inParentheses: true)
      try expect(.rightParenthesis)
      return inside
    case .symbol(.leftBracket): return try list()
    case .symbol(.leftBrace): return try dictionary()
    default: throw unexpected("an expression")
    }
  }

  private mutating func named(_ name: String) -> Expression {
    switch name {
    case "true", "True": return .bool(true)
    case "false", "False": return .bool(false)
    case "none", "None": return .none
    case "caller", "kwargs", "varargs":
      specials.insert(name)
      return .name(Text(name))
    default: return .name(Text(name))
    }
  }

  private mutating func list() throws(TemplateError) -> Expression {
    try expect(.leftBracket)
    var items: [Expression] = []
    var highest = 0
    while !isSymbol(.rightBracket) {
      if !items.isEmpty { try expect(.comma) }
      if isSymbol(.rightBracket) { break }
      items.append(try expression())
      highest = max(highest, height)
    }
    try expect(.rightBracket)
    height = highest
    try grow()
    return .list(items)
  }

  private mutating func dictionary() throws(TemplateError) -> Expression {
    try expect(.leftBrace)
    var pairs: [Expression.Pair] = []
    var highest = 0
    while !isSymbol(.rightBrace) {
      if !pairs.isEmpty { try expect(.comma) }
      if isSymbol(.rightBrace) { break }
      let key = try expression()
      highest = max(highest, height)
      try expect(.colon)
      pairs.append(Expression.Pair(key: key, value: try expression()))
      highest = max(highest, height)
    }
    try expect(.rightBrace)
    height = highest
    try grow()
    return .dictionary(pairs)
  }
}
