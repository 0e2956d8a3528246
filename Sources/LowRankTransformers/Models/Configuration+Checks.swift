import LowRankCheckpoints
import LowRankTensors

extension JSONFields {
  /// A whole number of at least one, and no greater than what models are made of: products of such numbers can be counted.
  func positive(
    _ key: String, default fallback: Int? = nil, atMost greatest: Int = 1 << 24
  ) throws -> Int {
    let value =
      if let fallback { try integer(key, default: fallback) } else { try integer(key) }
    try check(value > 0, key, "\(value)", "a number of at least 1")
    try check(value <= greatest, key, "\(value)", "a number of at most \(greatest)")
    return value
  }

  /// An activation by transformers' name.
  func activation(_ key: String, default fallback: String) throws -> Activation {
    let names: [(String, Activation)] = [
      ("gelu", .gelu), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh),
      ("silu", .silu), ("swish", .silu), ("relu", .relu), ("tanh", .tanh),
    ]
    let name = try string(key, default: fallback)
    guard let found = names.first(where: { $0.0 == name }) else {
      throw ModelError.unsupportedValue(
        file: source, key: key, value: "\"\(name)\"",
        expected: "one of " + names.map(\.0).joined(separator: ", "))
    }
    return found.1
  }

  /// Refuses a value that makes no sense.
  func check(_ holds: Bool, _ key: String, _ value: String, _ expected: String) throws {
    guard !holds else { return }
    throw ModelError.unsupportedValue(file: source, key: key, value: value, expected: expected)
  }
}
