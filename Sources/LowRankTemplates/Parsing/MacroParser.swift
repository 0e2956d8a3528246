extension Parser {
  mutating func macro() throws(TemplateError) -> Statement {
    advance()
    let name = try expectName()
    return .macro(try definition(Text(name), parameters: try signature(), end: "endmacro"))
  }

  mutating func callBlock() throws(TemplateError) -> Statement {
    let line = line
    advance()
    let parameters = isSymbol(.leftParenthesis) ? try signature() : []
    guard case .call(let callee, let call) = try expression() else {
      throw failure("a call was expected", line: line)
    }
    return .callBlock(callee, call, try definition(nil, parameters: parameters, end: "endcall"))
  }

  private mutating func definition(
    _ name: Text?, parameters: [Statement.Macro.Parameter], end: String
  ) throws(TemplateError) -> Statement.Macro {
    let outer = (breakableLoops, specials)
    breakableLoops = 0
    specials = []
    defer {
      breakableLoops = outer.0
      specials.formUnion(outer.1)
    }
    let body = try block(until: [end])
    advance()
    return Statement.Macro(name: name, parameters: parameters, body: body, specials: specials)
  }

  private mutating func signature() throws(TemplateError) -> [Statement.Macro.Parameter] {
    var parameters: [Statement.Macro.Parameter] = []
    try expect(.leftParenthesis)
    while !isSymbol(.rightParenthesis) {
      if !parameters.isEmpty { try expect(.comma) }
      let name = try expectName()
      let fallback = skip(.assign) ? try expression() : nil
      if fallback == nil, parameters.contains(where: { $0.fallback != nil }) {
        throw failure("a parameter without a default follows one with a default")
      }
      parameters.append(Statement.Macro.Parameter(name: Text(name), fallback: fallback))
    }
    try expect(.rightParenthesis)
    return parameters
  }
}
