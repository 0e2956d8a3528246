/// A value that a pickle makes.
///
/// Containers and tensors are numbers of entries in the unpickler's arenas.
enum PickleValue: BitwiseCopyable {
  case none
  case boolean(Bool)
  case integer(Int)
  /// A floating-point number, whose value no tensor needs.
  case number
  /// An integer of more than 64 bits, by its little-endian bytes.
  case long(Piece)
  /// Text, by its bytes.
  case text(Piece)
  case global(AllowedGlobal)
  /// Elements in the arena of items.
  case tuple(Piece)
  case list(UInt32)
  case dictionary(UInt32)
  case storage(UInt32)
  case tensor(UInt32)
  /// An object that holds nothing of a tensor: a size, a device, a layout, a set.
  case other
}

/// A list or a dictionary: a chain of links, since either may grow while others do.
struct PickleContainer: BitwiseCopyable {
  var first = none
  var last = none
  var count: UInt32 = 0

  static let none = UInt32.max
}

/// An element of a list, or an entry of a dictionary.
struct PickleLink: BitwiseCopyable {
  let key: PickleValue
  let value: PickleValue
  var next = PickleContainer.none
}

/// A storage that a pickle refers to.
struct PickledStorage: BitwiseCopyable {
  /// Its key, in the pickle.
  let key: Piece
  /// The type of its elements; none where it is bytes.
  let type: TorchType?
  /// The number of its elements.
  let count: Int
  /// The part of it that is meant, in elements: a view of an old file.
  let view: Piece?

  var elementSize: Int { type?.size ?? 1 }
}

/// A tensor that a pickle describes: a view of a storage.
struct PickledTensor: BitwiseCopyable {
  let storage: UInt32
  /// In elements.
  let offset: Int
  /// Extents and strides, in the arena of items.
  let sizes: Piece
  let strides: Piece
}
