extension Interpreter {
  func evaluate(_ expression: Expression, _ scope: Scope) throws(TemplateError) -> Value {
    try step()
    switch expression {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .double(let value): return .double(value)
    case .string(let text): return .string(text)
    case .name(let name): return lookup(name, scope)
    case .attribute(let base, let name):
      return try attribute(name, of: try evaluate(base, scope))
    case .element(let base, let index):
      if case .slice(let start, let stop, let step) = index {
        return try slice(base, start, stop, step, scope)
      }
      let value = try evaluate(base, scope)
      return try element(try evaluate(index, scope), of: value)
    default:
      try checkStack()
      return try evaluateCompound(expression, scope)
    }
  }

  private func evaluateCompound(
    _ expression: Expression, _ scope: Scope
  ) throws(TemplateError) -> Value {
    switch expression {
    case .tuple(let parts): return .tuple(try items(try values(parts, scope)))
    case .list(let parts): return try list(try values(parts, scope))
    case .dictionary(let pairs): return try dictionary(pairs, scope)
    case .call(let callee, let call): return try evaluate(callee, call, scope)
    case .filter(let base, let name, let call): return try filter(base, name, call, scope)
    case .test(let base, let name, let call): return try test(base, name, call, scope)
    case .not(let operand): return .bool(!(try evaluate(operand, scope).isTrue))
    case .negative(let operand): return try negated(try evaluate(operand, scope))
    case .positive(let operand): return try positive(try evaluate(operand, scope))
    case .arithmetic(let operation, let left, let right):
      return try arithmetic(operation, try evaluate(left, scope), try evaluate(right, scope))
    case .and(let left, let right):
      let value = try evaluate(left, scope)
      return value.isTrue ? try evaluate(right, scope) : value
    case .or(let left, let right):
      let value = try evaluate(left, scope)
      return value.isTrue ? value : try evaluate(right, scope)
    case .concatenation(let parts): return try concatenation(parts, scope)
    case .comparison(let first, let operands): return try comparison(first, operands, scope)
    case .conditional(let test, let then, let otherwise, let line):
      if try evaluate(test, scope).isTrue { return try evaluate(then, scope) }
      guard let otherwise else {
        return .undefined("the inline if of line \(line) is false and has no else")
      }
      return try evaluate(otherwise, scope)
    case .captured: return captured.last ?? .none
    case .slice: throw .runtime("a slice stands among other indices")
    default: return .none
    }
  }

  /// A variable, one of the language's functions, or undefined.
  func lookup(_ name: Text, _ scope: Scope) -> Value {
    if let value = scope[name] { return value }
    if let function = Globals.functions[name] {
      let value = Value.object(keep(FunctionObject(name.string, function)))
      root.set(name, value)
      return value
    }
    return .undefined("\"\(name.string)\" is undefined")
  }

  private func values(
    _ expressions: [Expression], _ scope: Scope
  ) throws(TemplateError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(expressions.count)
    for expression in expressions { values.append(try evaluate(expression, scope)) }
    return values
  }

  private func dictionary(
    _ pairs: [Expression.Pair], _ scope: Scope
  ) throws(TemplateError) -> Value {
    var mapping = Mapping()
    for pair in pairs {
      let key = try evaluate(pair.key, scope)
      try mapping.set(key, try evaluate(pair.value, scope))
    }
    try check(depth: mapping.depth)
    return .dictionary(mapping)
  }

  private func concatenation(
    _ parts: [Expression], _ scope: Scope
  ) throws(TemplateError) -> Value {
    var text = Text(bytes: [])
    for part in parts {
      text.bytes += try string(try evaluate(part, scope)).bytes
      try checkLength(text.bytes.count)
    }
    return try self.text(text)
  }

  private func comparison(
    _ first: Expression, _ operands: [Expression.Operand], _ scope: Scope
  ) throws(TemplateError) -> Value {
    var left = try evaluate(first, scope)
    for operand in operands {
      let right = try evaluate(operand.expression, scope)
      guard try compare(left, operand.comparison, right) else { return .bool(false) }
      left = right
    }
    return .bool(true)
  }

  // MARK: Calls

  func arguments(_ call: Expression.Call, _ scope: Scope) throws(TemplateError) -> Arguments {
    var arguments = Arguments()
    for expression in call.positional {
      arguments.positional.append(try evaluate(expression, scope))
    }
    for (name, expression) in call.keywords {
      arguments.keywords.append((name, try evaluate(expression, scope)))
    }
    if let rest = call.positionalRest {
      arguments.positional += try elements(of: try evaluate(rest, scope))
    }
    if let rest = call.keywordRest {
      guard case .dictionary(let mapping) = try evaluate(rest, scope) else {
        throw .runtime("what stands after \"**\" in a call is not a dictionary")
      }
      for entry in mapping.entries {
        guard case .string(let name) = entry.key else {
          throw .runtime("the name of an argument is not a string")
        }
        guard !arguments.keywords.contains(where: { $0.name == name }) else {
          throw .runtime("the argument \"\(name.string)\" is given twice")
        }
        arguments.keywords.append((name, entry.value))
      }
    }
    try step(arguments.positional.count)
    return arguments
  }

  private func evaluate(
    _ callee: Expression, _ call: Expression.Call, _ scope: Scope
  ) throws(TemplateError) -> Value {
    // A method is called on its value at once; only one that is kept becomes a value itself.
    if case .attribute(let base, let name) = callee {
      let receiver = try evaluate(base, scope)
      if hasMethod(name, receiver) {
        let arguments = try self.arguments(call, scope)
        line = call.line
        return try callMethod(name.string, of: receiver, arguments)
      }
      let function = try attribute(name, of: receiver)
      let arguments = try self.arguments(call, scope)
      line = call.line
      return try self.call(function, arguments)
    }
    let function = try evaluate(callee, scope)
    let arguments = try self.arguments(call, scope)
    line = call.line
    return try self.call(function, arguments)
  }

  func call(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch value {
    case .undefined(let message): throw .runtime(message)
    case .object(let object as MacroObject): return try call(object, arguments)
    case .object(let object as LoopObject): return try call(object, arguments)
    case .object(let object as FunctionObject):
      guard let body = object.body else { break }
      try enter()
      defer { leave() }
      return try body(self, arguments)
    case .object(let object as JoinerObject):
      _ = try arguments.positionalOnly("a joiner", 0...0)
      return object.next()
    default: break
    }
    throw .runtime("a value of type \(value.typeName) is called, but is not a function")
  }

  private func filter(
    _ base: Expression, _ name: String, _ call: Expression.Call, _ scope: Scope
  ) throws(TemplateError) -> Value {
    let value = try evaluate(base, scope)
    let arguments = try self.arguments(call, scope)
    line = call.line
    return try applyFilter(name, value, arguments)
  }

  func applyFilter(
    _ name: String, _ value: Value, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    guard let filter = Filters.all[name] else {
      throw .runtime("the filter \"\(name)\" is unknown")
    }
    return try filter(self, value, arguments)
  }

  private func test(
    _ base: Expression, _ name: String, _ call: Expression.Call, _ scope: Scope
  ) throws(TemplateError) -> Value {
    let value = try evaluate(base, scope)
    let arguments = try self.arguments(call, scope)
    line = call.line
    return .bool(try applyTest(name, value, arguments))
  }

  func applyTest(
    _ name: String, _ value: Value, _ arguments: Arguments
  ) throws(TemplateError) -> Bool {
    guard let test = Tests.all[name] else { throw .runtime("the test \"\(name)\" is unknown") }
    return try test(self, value, arguments)
  }
}
