/// A value that has an identity: all of them are known to the interpreter, which takes them
/// apart at the end, because they may hold one another.
class TemplateObject {
  var typeName: String { "object" }

  /// Lets go of everything it holds.
  func release() {}
}

/// What `namespace()` makes, the one thing that a template can change.
final class NamespaceObject: TemplateObject {
  var attributes: Mapping

  init(_ attributes: Mapping) { self.attributes = attributes }

  override var typeName: String { "Namespace" }
  override func release() { attributes = Mapping() }
}

/// What is given value by value and once only, as Python's generators are.
final class IteratorObject: TemplateObject {
  private var values: ArraySlice<Value>
  private let name: String

  init(_ values: [Value], name: String = "generator") {
    self.values = values[...]
    self.name = name
  }

  override var typeName: String { name }
  override func release() { values = [] }

  func next() -> Value? { values.popFirst() }

  func rest() -> [Value] {
    defer { values = [] }
    return Array(values)
  }
}

/// Something that can be called: a function of the language, or a method bound to its value.
final class FunctionObject: TemplateObject {
  typealias Body = (Interpreter, Arguments) throws(TemplateError) -> Value

  let name: String
  private(set) var body: Body?

  init(_ name: String, _ body: @escaping Body) {
    self.name = name
    self.body = body
  }

  override var typeName: String { "function" }
  override func release() { body = nil }
}

/// What `cycler()` makes.
final class CyclerObject: TemplateObject {
  var items: [Value]
  var position = 0

  init(_ items: [Value]) { self.items = items }

  override var typeName: String { "Cycler" }
  override func release() { items = [] }
}

/// What `joiner()` makes.
final class JoinerObject: TemplateObject {
  private var separator: Value
  private var isUsed = false

  init(_ separator: Value) { self.separator = separator }

  override var typeName: String { "Joiner" }
  override func release() { separator = .none }

  /// Nothing the first time, and the separator from then on.
  func next() -> Value {
    defer { isUsed = true }
    return isUsed ? separator : .empty
  }
}
