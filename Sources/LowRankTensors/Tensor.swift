import Synchronization

/// Memory that an engine owns; what lies in it is known to that engine alone.
///
/// Engines subclass it. A storage is written only while one handle refers to it, which is why handles
/// may travel between tasks.
open class TensorStorage: @unchecked Sendable {
  /// A storage without content, for engines to subclass.
  public init() {}
}

/// An immutable handle to a contiguous, row-major array of numbers that an engine holds.
///
/// A handle knows nothing of the computation that made it: derivatives live on a ``Tape``, which knows
/// tensors by their `id`.
public struct Tensor: Sendable {
  /// The extents, outermost first.
  public let shape: Shape
  /// How one element is stored.
  public let type: ElementType
  /// The memory of the engine that made it.
  package private(set) var storage: TensorStorage
  /// Where the first element lies in the storage, in elements.
  package let offset: Int
  /// What a tape knows this value by; unique in the process.
  package let id: UInt64

  package init(_ storage: TensorStorage, _ shape: Shape, _ type: ElementType, offset: Int = 0) {
    self.storage = storage
    self.shape = shape
    self.type = type
    self.offset = offset
    self.id = Tensor.nextID.wrappingAdd(1, ordering: .relaxed).newValue
  }

  private static let nextID = Atomic<UInt64>(0)

  /// The number of elements.
  public var count: Int { shape.count }

  /// Whether no other handle refers to the memory, so that an engine may write it in place.
  package mutating func isUnique() -> Bool { isKnownUniquelyReferenced(&storage) }

  /// The same elements under another shape of equal count, as a value of its own.
  package func viewed(as shape: Shape) -> Tensor {
    precondition(shape.count == count, "cannot see \(self.shape) as \(shape)")
    return Tensor(storage, shape, type, offset: offset)
  }

  /// A run of rows of the tensor seen as a matrix, sharing its memory.
  package func viewed(rows: Range<Int>) -> Tensor {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= shape.rows, "rows \(rows) outside \(shape)")
    return Tensor(
      storage, [rows.count, shape.columns], type,
      offset: offset + rows.lowerBound * shape.columns)
  }
}

/// A tensor's identity, shape and type without its memory: what a derivative may keep of a value that it
/// does not need.
package struct TensorReference: Sendable {
  package let id: UInt64
  package let shape: Shape
  package let type: ElementType
}

extension Tensor {
  /// The identity without the memory.
  package var reference: TensorReference { TensorReference(id: id, shape: shape, type: type) }
}

extension Tensor: CustomStringConvertible {
  /// The shape and type, `F32[2, 3]`.
  public var description: String { "\(type.rawValue)\(shape)" }
}
