/// What becomes of a key of another tool that is known.
enum KeyRule {
  /// It is read, together with others.
  case read
  /// Nothing that is trained depends on it, and why.
  case inert(String)
  /// The result depends on it, and why, unless it is off or has one of the values that hold here anyway.
  case lost(String, unless: Set<String> = [])
}
