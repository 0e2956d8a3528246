/// The variables of a body; those of the bodies around it are read through it.
final class Scope {
  private(set) var parent: Scope?
  private var variables: [Text: Value] = [:]

  init(parent: Scope?) { self.parent = parent }

  subscript(name: Text) -> Value? {
    var scope: Scope? = self
    while let current = scope {
      if let value = current.variables[name] { return value }
      scope = current.parent
    }
    return nil
  }

  func set(_ name: Text, _ value: Value) { variables[name] = value }

  func release() {
    parent = nil
    variables = [:]
  }
}
