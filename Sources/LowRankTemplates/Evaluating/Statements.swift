extension Interpreter {
  func execute(_ statements: [Statement], _ scope: Scope) throws(TemplateError) -> Flow {
    try checkStack()
    for statement in statements {
      try step()
      let flow = try execute(statement, scope)
      if flow != .next { return flow }
    }
    return .next
  }

  private func execute(_ statement: Statement, _ scope: Scope) throws(TemplateError) -> Flow {
    switch statement {
    case .text(let text): try write(text)
    case .output(let expression, let line):
      self.line = line
      try write(try string(try evaluate(expression, scope)))
    case .loop(let loop): return try run(loop, scope)
    case .condition(let branches, let otherwise):
      for branch in branches {
        line = branch.line
        if try evaluate(branch.test, scope).isTrue { return try execute(branch.body, scope) }
      }
      return try execute(otherwise, scope)
    case .assignment(let target, let expression, let line):
      self.line = line
      try assign(try evaluate(expression, scope), to: target, scope)
    case .capture(let target, let filters, let body, let line):
      self.line = line
      return try capture(target, filters, body, scope)
    case .macro(let macro):
      if let name = macro.name { scope.set(name, define(macro, scope)) }
    case .callBlock(let callee, let call, let macro):
      try callBlock(callee, call, macro, scope)
    case .filterBlock(let filters, let body, let line):
      self.line = line
      return try filterBlock(filters, body, scope)
    case .with(let bindings, let body, let line):
      self.line = line
      return try with(bindings, body, scope)
    case .generation(let body):
      let (text, _) = try capture { () throws(TemplateError) in
        try execute(body, Scope(parent: scope))
      }
      try writeGenerated(text)
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .next
  }

  private func capture(
    _ target: Target, _ filters: Expression, _ body: [Statement], _ scope: Scope
  ) throws(TemplateError) -> Flow {
    let (text, flow) = try capture { () throws(TemplateError) in
      try execute(body, Scope(parent: scope))
    }
    if flow != .next { return flow }
    try assign(try filtered(text, filters, scope), to: target, scope)
    return .next
  }

  private func filterBlock(
    _ filters: Expression, _ body: [Statement], _ scope: Scope
  ) throws(TemplateError) -> Flow {
    let (text, flow) = try capture { () throws(TemplateError) in
      try execute(body, Scope(parent: scope))
    }
    if flow != .next { return flow }
    try write(try requiredText(try filtered(text, filters, scope), "a filter block's output"))
    return .next
  }

  private func filtered(
    _ text: Text, _ filters: Expression, _ scope: Scope
  ) throws(TemplateError) -> Value {
    captured.append(.string(text))
    defer { captured.removeLast() }
    return try evaluate(filters, scope)
  }

  private func with(
    _ bindings: [Statement.Binding], _ body: [Statement], _ scope: Scope
  ) throws(TemplateError) -> Flow {
    let inner = Scope(parent: scope)
    for binding in bindings {
      try assign(try evaluate(binding.value, scope), to: binding.target, inner)
    }
    return try execute(body, inner)
  }

  /// Writes a value to names, spreading it over several.
  func assign(_ value: Value, to target: Target, _ scope: Scope) throws(TemplateError) {
    switch target {
    case .name(let name): scope.set(name, value)
    case .attribute(let name, let attribute):
      guard case .object(let object) = lookup(name, scope),
        let namespace = object as? NamespaceObject
      else { throw .runtime("cannot assign an attribute of \"\(name.string)\", no namespace") }
      try Self.checkAttribute(attribute)
      namespace.attributes.set(attribute, value)
      try check(depth: value.depth)
    case .tuple(let targets):
      let values = try elements(of: value)
      guard values.count == targets.count else {
        throw .runtime("\(values.count) values cannot be assigned to \(targets.count) names")
      }
      for (target, value) in zip(targets, values) { try assign(value, to: target, scope) }
    }
  }

  static func checkAttribute(_ name: Text) throws(TemplateError) {
    guard name.bytes.first != UInt8(ascii: "_") else {
      throw .runtime("a namespace cannot hold \"\(name.string)\", which begins with an underscore")
    }
  }
}
