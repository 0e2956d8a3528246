/// The name of a tensor in a checkpoint, told apart and ordered by its bytes.
public struct TensorName: Hashable, Comparable, Sendable {
  private let exact: ExactText

  /// A name with the given text.
  public init(_ text: String) { exact = ExactText(text) }

  private init(_ text: Substring) { self.init(String(text)) }

  /// The name as text.
  public var text: String { exact.string }

  /// Whether the bytes of the one come before those of the other.
  public static func < (left: Self, right: Self) -> Bool { left.exact < right.exact }

  /// Whether the name begins with these bytes.
  public func hasPrefix(_ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

  /// Whether the name ends with these bytes.
  public func hasSuffix(_ suffix: String) -> Bool {
    text.utf8.reversed().starts(with: suffix.utf8.reversed())
  }

  /// The name without a prefix; none where it does not begin with it.
  public func droppingPrefix(_ prefix: String) -> TensorName? {
    hasPrefix(prefix) ? Self(Substring(text.utf8.dropFirst(prefix.utf8.count))) : nil
  }

  /// The name without a suffix; none where it does not end with it.
  public func droppingSuffix(_ suffix: String) -> TensorName? {
    hasSuffix(suffix) ? Self(Substring(text.utf8.dropLast(suffix.utf8.count))) : nil
  }
}

extension TensorName: ExpressibleByStringLiteral, CustomStringConvertible {
  /// A name written out.
  public init(stringLiteral text: String) { self.init(text) }

  /// The name as text.
  public var description: String { text }
}
