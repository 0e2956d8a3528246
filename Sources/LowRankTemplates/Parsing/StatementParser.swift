extension Parser {
  /// Reads one statement from its name on, up to the end of its last tag.
  mutating func statement(expecting ends: Set<String>) throws(TemplateError) -> [Statement] {
    let line = line
    guard case .name(let name) = current.kind else { throw unexpected("the name of a tag") }
    switch name {
    case "for": return [try forLoop()]
    case "if": return [try condition()]
    case "set": return [try assignment()]
    case "macro": return [try macro()]
    case "call": return [try callBlock()]
    case "filter": return [try filterBlock()]
    case "with": return [try with()]
    case "generation": return [try generation()]
    case "print": return try printed()
    case "break", "continue":
      guard breakableLoops > 0 else { throw failure("\"\(name)\" stands outside of a loop") }
      advance()
      return [name == "break" ? .breakLoop : .continueLoop]
    case "include", "import", "from", "extends", "block":
      throw failure("\"\(name)\" needs other templates, which a chat template does not have")
    case "autoescape":
      throw failure("automatic escaping is for HTML, and not part of chat templates")
    default:
      let expected = ends.isEmpty ? "" : ", where \(Self.listed(ends)) was expected"
      throw failure("the tag \"\(name)\" is unknown\(expected)", line: line)
    }
  }

  private mutating func printed() throws(TemplateError) -> [Statement] {
    advance()
    var statements: [Statement] = []
    while current.kind != .blockEnd {
      if !statements.isEmpty { try expect(.comma) }
      statements.append(.output(try expression(), line: line))
    }
    return statements
  }

  private mutating func forLoop() throws(TemplateError) -> Statement {
    let line = line
    advance()
    loops += 1
    defer { loops -= 1 }
    let target = try self.target(endsAtIn: true)
    try expect(name: "in")
    let items = try tuple(conditional: false, endsAtRecursive: true)
    let filter = skip(name: "if") ? try expression() : nil
    let isRecursive = skip(name: "recursive")
    breakableLoops += 1
    let body = try block(until: ["endfor", "else"])
    breakableLoops -= 1
    var otherwise: [Statement] = []
    if skip(name: "else") { otherwise = try block(until: ["endfor"]) }
    advance()
    return .loop(
      Statement.Loop(
        target: target, items: items, filter: filter, isRecursive: isRecursive, body: body,
        otherwise: otherwise, line: line))
  }

  private mutating func condition() throws(TemplateError) -> Statement {
    var branches: [Statement.Branch] = []
    var otherwise: [Statement] = []
    repeat {
      let line = line
      advance()
      let test = try tuple(conditional: false)
      let body = try block(until: ["elif", "else", "endif"])
      branches.append(Statement.Branch(test: test, body: body, line: line))
    } while isName("elif")
    if skip(name: "else") { otherwise = try block(until: ["endif"]) }
    advance()
    return .condition(branches, otherwise: otherwise)
  }

  private mutating func assignment() throws(TemplateError) -> Statement {
    let line = line
    advance()
    let target = try self.target(allowsAttributes: true)
    if skip(.assign) { return .assignment(target, try tuple(), line: line) }
    var value = Expression.captured
    height = 0
    while isSymbol(.pipe) { value = try filtered(value) }
    let body = try block(until: ["endset"])
    advance()
    return .capture(target, value, body: body, line: line)
  }

  private mutating func filterBlock() throws(TemplateError) -> Statement {
    let line = line
    advance()
    height = 0
    var value = try filter(.captured)
    while isSymbol(.pipe) { value = try filtered(value) }
    let body = try block(until: ["endfilter"])
    advance()
    return .filterBlock(value, body: body, line: line)
  }

  private mutating func with() throws(TemplateError) -> Statement {
    let line = line
    advance()
    var bindings: [Statement.Binding] = []
    while current.kind != .blockEnd {
      if !bindings.isEmpty { try expect(.comma) }
      let target = try self.target()
      try expect(.assign)
      bindings.append(Statement.Binding(target: target, value: try expression()))
    }
    let body = try block(until: ["endwith"])
    advance()
    return .with(bindings, body: body, line: line)
  }

  private mutating func generation() throws(TemplateError) -> Statement {
    advance()
    let outer = breakableLoops
    breakableLoops = 0
    defer { breakableLoops = outer }
    let body = try block(until: ["endgeneration"])
    advance()
    return .generation(body: body)
  }

  // MARK: Targets

  /// Reads what is assigned to: a name, names with commas between, or a namespace's attribute.
  mutating func target(
    allowsAttributes: Bool = false, endsAtIn: Bool = false
  ) throws(TemplateError) -> Target {
    var targets: [Target] = []
    var isTuple = false
    while true {
      let ends =
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
        default: endsAtIn && isName("in")
        }
      if ends { break }
      targets.append(try singleTarget(allowsAttributes: allowsAttributes))
      guard skip(.comma) else { break }
      isTuple = true
    }
    if isTuple { return .tuple(targets) }
    guard let target = targets.first else { throw unexpected("a name to assign to") }
    return target
  }

  private mutating func singleTarget(allowsAttributes: Bool) throws(TemplateError) -> Target {
    try enter()
    defer { depth -= 1 }
    if skip(.leftParenthesis) {
      var targets: [Target] = []
      var isTuple = false
      while !isSymbol(.rightParenthesis) {
        targets.append(try singleTarget(allowsAttributes: false))
        guard skip(.comma) else { break }
        isTuple = true
      }
      try expect(.rightParenthesis)
      if !isTuple, let only = targets.first { return only }
      return .tuple(targets)
    }
    let line = line
    let name = try expectName()
    if ["true", "false", "none", "True", "False", "None"].contains(name) {
      throw failure("\"\(name)\" cannot be assigned to", line: line)
    }
    if allowsAttributes, skip(.dot) { return .attribute(Text(name), Text(try expectName())) }
    if name == "loop", loops > 0 {
      throw failure("\"loop\" cannot be assigned to inside a loop", line: line)
    }
    return .name(Text(name))
  }
}
