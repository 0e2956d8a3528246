import Foundation

/// Runs the statements of a template once, within limits.
final class Interpreter {
  let limits: TemplateLimits
  let clock: TemplateClock
  let root: Scope
  private var steps = 0
  private var depth = 0
  private var stack = StackGuard()
  /// The line being run, which an error is given.
  var line = 1
  /// What is written: the text itself, and over it the blocks whose text is caught.
  private var buffers: [[UInt8]] = [[]]
  /// The byte ranges made inside `{% generation %}`; nil where nobody asks.
  private var generated: [Range<Int>]?
  /// What a filter block has caught, while its filters run.
  var captured: [Value] = []
  private var objects: [TemplateObject] = []
  private var heldScopes: [Scope] = []

  init(
    _ variables: TemplateDictionary, limits: TemplateLimits, clock: TemplateClock, marks: Bool
  ) throws(TemplateError) {
    self.limits = limits
    self.clock = clock
    root = Scope(parent: nil)
    generated = marks ? [] : nil
    for entry in variables.entries { root.set(Text(entry.key), try value(entry.value)) }
  }

  /// Runs a template and gives its text.
  func run(_ statements: [Statement]) throws(TemplateError) -> RenderedText {
    defer { dissolve() }
    do throws(TemplateError) {
      let scope = Scope(parent: root)
      _ = try execute(statements, scope)
      guard let text = String(validating: buffers[0], as: UTF8.self) else {
        throw .runtime("the text is not UTF-8")
      }
      return RenderedText(text: text, generated: generated ?? [])
    } catch {
      var error = error
      if error.line == nil { error.line = line }
      throw error
    }
  }

  /// Values may hold one another in a ring, or in a chain longer than the stack is deep.
  private func dissolve() {
    for object in objects { object.release() }
    for scope in heldScopes { scope.release() }
    root.release()
  }

  // MARK: Limits

  /// Counts work, in units of about one expression.
  func step(_ count: Int = 1) throws(TemplateError) {
    steps += count
    guard steps <= limits.steps else {
      throw TemplateError(.limit, "it takes more than \(limits.steps) steps")
    }
  }

  func enter() throws(TemplateError) {
    depth += 1
    guard depth <= limits.depth, stack.hasRoom else {
      throw TemplateError(.limit, "its calls or values nest more than \(limits.depth) deep")
    }
  }

  func leave() { depth -= 1 }

  func checkStack() throws(TemplateError) {
    guard stack.hasRoom else {
      throw TemplateError(.limit, "its expressions and calls nest too deep")
    }
  }

  func checkLength(_ bytes: Int) throws(TemplateError) {
    guard bytes <= limits.outputBytes else {
      throw TemplateError(.limit, "it makes more than \(limits.outputBytes) bytes")
    }
  }

  // MARK: Making values

  func keep<Object: TemplateObject>(_ object: Object) -> Object {
    objects.append(object)
    return object
  }

  func keep(_ scope: Scope) { heldScopes.append(scope) }

  func text(_ text: Text) throws(TemplateError) -> Value {
    try checkLength(text.bytes.count)
    try step(text.bytes.count / 64)
    return .string(text)
  }

  func items(_ values: [Value]) throws(TemplateError) -> Items {
    try checkLength(values.count)
    try step(values.count / 16)
    let items = Items(values)
    try check(depth: items.depth)
    return items
  }

  func list(_ values: [Value]) throws(TemplateError) -> Value { .list(try items(values)) }

  func iterator(_ values: [Value]) throws(TemplateError) -> Value {
    .object(keep(IteratorObject(try items(values).values)))
  }

  func check(depth: Int) throws(TemplateError) {
    guard depth <= limits.depth else {
      throw TemplateError(.limit, "its values nest more than \(limits.depth) deep")
    }
  }

  /// A value from outside.
  private func value(_ value: TemplateValue, depth: Int = 0) throws(TemplateError) -> Value {
    try check(depth: depth)
    switch value {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .double(let value): return .double(value)
    case .string(let string): return .string(string)
    case .list(let list):
      var values: [Value] = []
      values.reserveCapacity(list.count)
      for item in list { values.append(try self.value(item, depth: depth + 1)) }
      return .list(Items(values))
    case .dictionary(let dictionary):
      var mapping = Mapping()
      for entry in dictionary.entries {
        mapping.set(Text(entry.key), try self.value(entry.value, depth: depth + 1))
      }
      return .dictionary(mapping)
    }
  }

  // MARK: Writing

  func write(_ text: Text) throws(TemplateError) {
    let last = buffers.count - 1
    try checkLength(buffers[last].count + text.bytes.count)
    try step(text.bytes.count / 64)
    buffers[last] += text.bytes
  }

  /// Runs a body and gives what it writes.
  func capture(
    _ body: () throws(TemplateError) -> Flow
  ) throws(TemplateError) -> (text: Text, flow: Flow) {
    buffers.append([])
    do throws(TemplateError) {
      let flow = try body()
      return (Text(bytes: buffers.removeLast()), flow)
    } catch {
      buffers.removeLast()
      throw error
    }
  }

  /// Writes what a `{% generation %}` block made, and notes where.
  func writeGenerated(_ text: Text) throws(TemplateError) {
    if generated != nil {
      guard buffers.count == 1 else {
        throw .runtime(
          "a generation block stands inside a macro, a call, a filter or a set block, and where its"
            + " text comes to stand cannot be told")
      }
      let start = buffers[0].count
      generated?.append(start..<start + text.bytes.count)
    }
    try write(text)
  }
}

/// How a body ended.
enum Flow { case next, breakLoop, continueLoop }
