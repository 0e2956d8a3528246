extension Interpreter {
  /// A macro with the variables around its definition.
  func define(_ macro: Statement.Macro, _ scope: Scope) -> Value {
    keep(scope)
    return .object(keep(MacroObject(macro, scope: scope)))
  }

  func callBlock(
    _ callee: Expression, _ call: Expression.Call, _ macro: Statement.Macro, _ scope: Scope
  ) throws(TemplateError) {
    line = call.line
    let function = try evaluate(callee, scope)
    var arguments = try self.arguments(call, scope)
    guard !arguments.keywords.contains(where: { $0.name == "caller" }) else {
      throw .runtime("a call block gives \"caller\" twice")
    }
    arguments.keywords.append(("caller", define(macro, scope)))
    try write(try requiredText(try self.call(function, arguments), "a call block's output"))
  }

  /// Runs a macro's body with its parameters and gives what it writes.
  func call(_ object: MacroObject, _ arguments: Arguments) throws(TemplateError) -> Value {
    try enter()
    defer { leave() }
    let macro = object.macro
    let name = "the macro \"\(macro.name?.string ?? "caller")\""
    let scope = Scope(parent: object.scope)
    var keywords = arguments.keywords
    func take(_ name: Text) -> Value? {
      keywords.firstIndex { $0.name == name }.map { keywords.remove(at: $0).value }
    }
    for (position, parameter) in macro.parameters.enumerated() {
      if position < arguments.positional.count {
        scope.set(parameter.name, arguments.positional[position])
      } else if let value = take(parameter.name) {
        scope.set(parameter.name, value)
      } else if let fallback = parameter.fallback {
        scope.set(parameter.name, try evaluate(fallback, scope))
      } else {
        scope.set(
          parameter.name, .undefined("the parameter \"\(parameter.name.string)\" was not given"))
      }
    }
    func declares(_ name: Text) -> Bool { macro.parameters.contains { $0.name == name } }
    if macro.specials.contains("caller"), !declares("caller") {
      scope.set("caller", take("caller") ?? .undefined("no caller was given"))
    }
    if macro.specials.contains("kwargs"), !declares("kwargs") {
      var rest = Mapping()
      for (name, value) in keywords { rest.set(name, value) }
      scope.set("kwargs", .dictionary(rest))
    } else if let extra = keywords.first {
      throw .runtime("\(name) takes no argument named \"\(extra.name.string)\"")
    }
    let rest = arguments.positional.dropFirst(macro.parameters.count)
    if macro.specials.contains("varargs"), !declares("varargs") {
      scope.set("varargs", .tuple(try items(Array(rest))))
    } else if !rest.isEmpty {
      throw .runtime("\(name) takes not more than \(macro.parameters.count) arguments")
    }
    let (text, _) = try capture { () throws(TemplateError) in try execute(macro.body, scope) }
    return try self.text(text)
  }

  func attribute(_ name: Text, of object: MacroObject) -> Value? {
    let macro = object.macro
    switch name.string {
    case "name": return macro.name.map(Value.string) ?? Value.none
    case "arguments": return .tuple(Items(macro.parameters.map { .string($0.name) }))
    case "caller": return .bool(macro.specials.contains("caller"))
    case "catch_kwargs": return .bool(macro.specials.contains("kwargs"))
    case "catch_varargs": return .bool(macro.specials.contains("varargs"))
    default: return nil
    }
  }
}

/// A macro, or what a call block hands over as `caller`.
final class MacroObject: TemplateObject {
  let macro: Statement.Macro
  private(set) var scope: Scope?

  init(_ macro: Statement.Macro, scope: Scope) {
    self.macro = macro
    self.scope = scope
  }

  override var typeName: String { "Macro" }
  override func release() { scope = nil }
}
