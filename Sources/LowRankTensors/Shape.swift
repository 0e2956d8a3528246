/// The extents of a tensor, outermost first; a scalar has none.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extents, outermost first.
  public let extents: [Int]

  /// A shape with the given extents, each at least zero.
  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 >= 0 }, "a shape has no negative extent: \(extents)")
    self.extents = extents
  }

  /// A shape written as a literal, `[rows, columns]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The number of elements: the product of the extents, 1 for a scalar.
  public var count: Int { extents.reduce(1, *) }

  /// The number of extents.
  public var rank: Int { extents.count }

  /// The extent of one axis.
  public subscript(axis: Int) -> Int { extents[axis] }

  /// The product of all extents but the last: a tensor seen as a batch of row vectors.
  public var rows: Int { extents.dropLast().reduce(1, *) }

  /// The last extent, 1 for a scalar.
  public var columns: Int { extents.last ?? 1 }

  /// The shape as the checkpoint format writes it, `[2, 3]`.
  public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }
}
