extension Interpreter {
  /// Runs a `for` statement.
  func run(_ loop: Statement.Loop, _ scope: Scope) throws(TemplateError) -> Flow {
    line = loop.line
    let items = try evaluate(loop.items, scope)
    guard loop.isRecursive else { return try run(loop, over: items, scope, depth: 0) }
    let (text, _) = try capture { () throws(TemplateError) in
      try run(loop, over: items, scope, depth: 0)
    }
    try write(text)
    return .next
  }

  /// Runs the body once for each item, each time with fresh variables.
  func run(
    _ loop: Statement.Loop, over items: Value, _ scope: Scope, depth: Int
  ) throws(TemplateError) -> Flow {
    try enter()
    defer { leave() }
    let state = keep(LoopObject(loop, scope: scope, depth0: depth))
    state.items = try source(items)
    if loop.filter != nil {
      state.passes = { [unowned self] item throws(TemplateError) in
        try self.passes(item, loop, scope)
      }
    }
    // As in the reference, only a body that was run to its end counts against the else.
    var ran = false
    while let item = try state.advance() {
      try step()
      let inner = Scope(parent: scope)
      inner.set("loop", .object(state))
      try assign(item, to: loop.target, inner)
      let flow = try execute(loop.body, inner)
      if flow == .breakLoop { break }
      ran = ran || flow == .next
    }
    return ran ? .next : try execute(loop.otherwise, Scope(parent: scope))
  }

  /// Whether a loop's filter lets an item through.
  private func passes(
    _ item: Value, _ loop: Statement.Loop, _ scope: Scope
  ) throws(TemplateError) -> Bool {
    guard let filter = loop.filter else { return true }
    let inner = Scope(parent: scope)
    try assign(item, to: loop.target, inner)
    return try evaluate(filter, inner).isTrue
  }

  /// The items of a loop, taken as they are needed where their number is not known.
  private func source(_ value: Value) throws(TemplateError) -> LoopObject.Source {
    if case .object(let object) = value, let iterator = object as? IteratorObject {
      return .iterator(iterator)
    }
    return .values(try elements(of: value))
  }

  func attribute(_ name: Text, of loop: LoopObject) throws(TemplateError) -> Value? {
    switch name.string {
    case "index": return .integer(loop.index0 + 1)
    case "index0": return .integer(loop.index0)
    case "first": return .bool(loop.index0 == 0)
    case "last": return .bool(try loop.peek() == nil)
    case "length": return .integer(try loop.length())
    case "revindex": return .integer(try loop.length() - loop.index0)
    case "revindex0": return .integer(try loop.length() - loop.index0 - 1)
    case "depth": return .integer(loop.depth0 + 1)
    case "depth0": return .integer(loop.depth0)
    case "previtem":
      return loop.index0 == 0 ? .undefined("there is no previous item") : loop.previous
    case "nextitem": return try loop.peek() ?? .undefined("there is no next item")
    case "cycle", "changed": return bound(.object(loop), name.string)
    default: return nil
    }
  }

  func callMethod(
    _ name: String, of loop: LoopObject, _ arguments: Arguments
  ) throws(TemplateError) -> Value? {
    switch name {
    case "cycle":
      let values = try arguments.positionalOnly("loop.cycle", 1...Int.max)
      return values[loop.index0 % values.count]
    case "changed":
      let values = try arguments.positionalOnly("loop.changed", 0...Int.max)
      var isSame = loop.lastChanged?.count == values.count
      for (old, new) in zip(loop.lastChanged ?? [], values) where isSame {
        isSame = try equal(old, new)
      }
      loop.lastChanged = values
      return .bool(!isSame)
    default: return nil
    }
  }

  /// Runs a recursive loop again, over what lies in an item.
  func call(_ loop: LoopObject, _ arguments: Arguments) throws(TemplateError) -> Value {
    guard loop.statement.isRecursive, let scope = loop.scope else {
      throw .runtime("the loop is called, and it is not marked as recursive")
    }
    let items = try arguments.positionalOnly("loop", 1...1)[0]
    let (text, _) = try capture { () throws(TemplateError) in
      try run(loop.statement, over: items, scope, depth: loop.depth0 + 1)
    }
    return try self.text(text)
  }
}

/// What a body sees as `loop`.
final class LoopObject: TemplateObject {
  enum Source {
    case values([Value])
    case iterator(IteratorObject)
  }

  let statement: Statement.Loop
  let depth0: Int
  private(set) var scope: Scope?
  private(set) var index0 = -1
  private(set) var previous = Value.none
  var lastChanged: [Value]?
  var items = Source.values([])
  /// Whether an item takes part in the loop.
  var passes: ((Value) throws(TemplateError) -> Bool)?
  private var position = 0
  private var current = Value.none
  private var ahead: ArraySlice<Value> = []

  init(_ statement: Statement.Loop, scope: Scope, depth0: Int) {
    self.statement = statement
    self.scope = scope
    self.depth0 = depth0
  }

  override var typeName: String { "LoopContext" }

  override func release() {
    (scope, passes, lastChanged) = (nil, nil, nil)
    (previous, current, ahead, items) = (.none, .none, [], .values([]))
  }

  /// The next item, which becomes the current one.
  func advance() throws(TemplateError) -> Value? {
    guard let next = ahead.isEmpty ? try fetch() : ahead.popFirst() else { return nil }
    index0 += 1
    previous = current
    current = next
    return next
  }

  func peek() throws(TemplateError) -> Value? {
    if ahead.isEmpty, let next = try fetch() { ahead.append(next) }
    return ahead.first
  }

  /// How many items there are, counting what a filter lets through.
  func length() throws(TemplateError) -> Int {
    if passes == nil, case .values(let values) = items { return values.count }
    while let next = try fetch() { ahead.append(next) }
    return index0 + 1 + ahead.count
  }

  private func fetch() throws(TemplateError) -> Value? {
    while let item = take() {
      if try passes?(item) ?? true { return item }
    }
    return nil
  }

  private func take() -> Value? {
    switch items {
    case .iterator(let iterator): return iterator.next()
    case .values(let values):
      guard position < values.count else { return nil }
      position += 1
      return values[position - 1]
    }
  }
}
