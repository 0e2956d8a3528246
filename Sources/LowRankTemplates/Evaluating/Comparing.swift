import Foundation

extension Interpreter {
  func compare(
    _ left: Value, _ comparison: Expression.Comparison, _ right: Value
  ) throws(TemplateError) -> Bool {
    switch comparison {
    case .equal: try equal(left, right)
    case .notEqual: !(try equal(left, right))
    case .less: try less(left, right)
    case .greater: try less(right, left)
    case .lessOrEqual: try less(left, right, orEqual: true)
    case .greaterOrEqual: try less(right, left, orEqual: true)
    case .contained: try contains(right, left)
    case .notContained: !(try contains(right, left))
    }
  }

  /// Python's `==`.
  func equal(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
    try step()
    if let order = Self.order(left, right) { return order == .orderedSame }
    switch (left, right) {
    case (.none, .none), (.undefined, .undefined): return true
    case (.string(let left), .string(let right)): return left == right
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      return try equal(left.values, right.values)
    case (.dictionary(let left), .dictionary(let right)):
      guard left.count == right.count else { return false }
      for entry in left.entries {
        guard let other = right[try DictionaryKey(entry.key)], try equal(entry.value, other) else {
          return false
        }
      }
      return true
    case (.range(let left), .range(let right)):
      return left.count == right.count
        && (left.count == 0
          || left.start == right.start && (left.count == 1 || left.step == right.step))
    case (.view(let left, let ours), .view(let right, let theirs)):
      guard left == right, left != "dict_values", ours.values.count == theirs.values.count else {
        return false
      }
      for value in ours.values where !(try contains(.view(right, theirs), value)) { return false }
      return true
    case (.object(let left), .object(let right)): return left === right
    default: return false
    }
  }

  func equal(_ left: [Value], _ right: [Value]) throws(TemplateError) -> Bool {
    guard left.count == right.count else { return false }
    for (left, right) in zip(left, right) where !(try equal(left, right)) { return false }
    return true
  }

  /// How two numbers compare, exactly; nil where one is not a number, or is not a number at all.
  private static func order(_ left: Value, _ right: Value) -> ComparisonResult? {
    func compare<T: Comparable>(_ left: T, _ right: T) -> ComparisonResult {
      left < right ? .orderedAscending : left == right ? .orderedSame : .orderedDescending
    }
    if let left = left.integer, let right = right.integer { return compare(left, right) }
    guard let a = left.number, let b = right.number, !a.isNaN, !b.isNaN else { return nil }
    // Doubles of this size are whole, and integers of this size are not all doubles.
    if abs(a) >= 0x1p53, abs(b) >= 0x1p53, abs(a) <= 0x1p63, abs(b) <= 0x1p63, a == b {
      let exact = (left.integer ?? Int(exactly: a), right.integer ?? Int(exactly: b))
      if let left = exact.0, let right = exact.1 { return compare(left, right) }
      return exact.0 == nil ? .orderedDescending : .orderedAscending
    }
    return compare(a, b)
  }

  /// Python's `<` or `<=`.
  func less(_ left: Value, _ right: Value, orEqual: Bool = false) throws(TemplateError) -> Bool {
    try step()
    if let order = Self.order(left, right) {
      return order == .orderedAscending || orEqual && order == .orderedSame
    }
    if left.number != nil, right.number != nil { return false }
    for case .undefined(let message) in [left, right] { throw .runtime(message) }
    switch (left, right) {
    case (.string(let left), .string(let right)): return left < right || orEqual && left == right
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      for (left, right) in zip(left.values, right.values) where !(try equal(left, right)) {
        return try less(left, right, orEqual: orEqual)
      }
      return left.values.count < right.values.count
        || orEqual && left.values.count == right.values.count
    default:
      throw .runtime(
        "values of the types \(left.typeName) and \(right.typeName) have no order")
    }
  }

  /// Python's `value in container`.
  func contains(_ container: Value, _ value: Value) throws(TemplateError) -> Bool {
    switch container {
    case .string(let text):
      guard case .string(let part) = value else {
        if case .undefined(let message) = value { throw .runtime(message) }
        throw .runtime("only a string can be in a string, and not a \(value.typeName)")
      }
      try step(text.bytes.count / 64)
      return text.contains(part)
    case .dictionary(let mapping): return mapping[try DictionaryKey(value)] != nil
    case .range(let range):
      guard let number = value.integer else {
        for item in try elements(of: container) where try equal(item, value) { return true }
        return false
      }
      guard range.count > 0 else { return false }
      let last = range.start + (range.count - 1) * range.step
      return number >= min(range.start, last) && number <= max(range.start, last)
        && (number - range.start) % range.step == 0
    default:
      for item in try elements(of: container) where try equal(item, value) { return true }
      return false
    }
  }

  /// The values that Python's `iter` goes through; an iterator is used up.
  func elements(of value: Value) throws(TemplateError) -> [Value] {
    switch value {
    case .undefined: return []
    case .string(let text):
      let characters = text.characters
      try step(characters.count / 8)
      return characters.map(Value.string)
    case .list(let items), .tuple(let items), .view(_, let items): return items.values
    case .dictionary(let mapping): return mapping.entries.map(\.key)
    case .range(let range):
      try step(range.count / 16)
      return (0..<range.count).map { range[$0] }
    case .object(let iterator as IteratorObject): return iterator.rest()
    case .object(let loop as LoopObject):
      var rest: [Value] = []
      while let item = try loop.advance() { rest.append(.tuple(Items([item, value]))) }
      return rest
    default: throw .runtime("a value of type \(value.typeName) cannot be iterated")
    }
  }

  /// `len(value)`; nil where Python's type has none.
  func length(_ value: Value) throws(TemplateError) -> Int? {
    switch value {
    case .undefined: 0
    case .string(let text): text.count
    case .list(let items), .tuple(let items), .view(_, let items): items.values.count
    case .dictionary(let mapping): mapping.count
    case .range(let range): range.count
    case .object(let loop as LoopObject): try loop.length()
    default: nil
    }
  }
}
