/// The values of parameters: a copy-on-write table of immutable tensors.
///
/// Copying a store copies handles, not numbers. Best-so-far, an average, a frozen reference, a serving
/// generation are each another store.
public struct ParameterStore: Sendable {
  private var values: [Parameter: Tensor] = [:]

  /// An empty store.
  public init() {}

  /// The value of a parameter, which must be there.
  public subscript(parameter: Parameter) -> Tensor {
    get {
      guard let value = values[parameter] else {
        preconditionFailure("no value of \(parameter) in the store")
      }
      return value
    }
    set {
      precondition(
        newValue.shape == parameter.shape, "\(parameter) cannot hold a value of \(newValue.shape)")
      values[parameter] = newValue
    }
  }

  /// Whether there is a value of a parameter.
  public func contains(_ parameter: Parameter) -> Bool { values[parameter] != nil }

  /// Changes a value; the body is handed the only handle where the store has the only one.
  public mutating func update<Result>(
    _ parameter: Parameter, _ body: (inout Tensor) throws -> Result
  ) rethrows -> Result {
    guard var value = values.removeValue(forKey: parameter) else {
      preconditionFailure("no value of \(parameter) in the store")
    }
    defer { values[parameter] = value }
    return try body(&value)
  }

  /// Forgets a value.
  public mutating func remove(_ parameter: Parameter) { values[parameter] = nil }

  /// Takes over all values of another store.
  public mutating func merge(_ other: ParameterStore) {
    values.merge(other.values) { _, new in new }
  }

  /// The parameters that have a value, in no order.
  public var parameters: some Collection<Parameter> { values.keys }
}
