// What the allowed names make of their arguments.
extension Unpickler {
  /// What a global makes of a tuple of arguments.
  mutating func result(
    of function: PickleValue, _ arguments: PickleValue
  ) throws(TorchFault) -> PickleValue {
    guard case .global(let global) = function, case .tuple(let piece) = arguments else {
      throw .refused("uses the pickle instruction REDUCE on what is no function of tensors")
    }
    return try result(of: global, piece)
  }

  private mutating func result(
    of global: AllowedGlobal, _ arguments: Piece
  ) throws(TorchFault) -> PickleValue {
    func argument(_ position: Int) throws(TorchFault) -> PickleValue {
      guard position < arguments.count else { throw Self.wrongArguments }
      return items[Int(arguments.start) + position]
    }
    switch global {
    case .orderedDictionary:
      guard arguments.count > 0 else { return try emptyDictionary() }
      guard arguments.count == 1, case .list(let list) = try argument(0) else {
        throw Self.wrongArguments
      }
      return try dictionary(ofPairs: list)
    case .rebuildTensor:
      guard arguments.count == 4 else { throw Self.wrongArguments }
      return try tensor(arguments)
    case .rebuildTensor2:
      guard (6...7).contains(arguments.count) else { throw Self.wrongArguments }
      return try tensor(arguments)
    case .rebuildParameter, .rebuildParameterWithState:
      guard (3...4).contains(arguments.count), case .tensor(let number) = try argument(0) else {
        throw Self.wrongArguments
      }
      return .tensor(number)
    case .rebuildFromType:
      // A tensor with attributes: the function, the class, the arguments and the attributes.
      guard arguments.count == 4, case .global(let inner) = try argument(0),
        case .global(.tensorClass) = try argument(1), case .tuple(let piece) = try argument(2)
      else { throw Self.wrongArguments }
      switch inner {
      case .rebuildTensor, .rebuildTensor2, .rebuildParameter, .rebuildParameterWithState:
        return try result(of: inner, piece)
      default: throw Self.wrongArguments
      }
    case .set, .description: return .other
    case .tensorClass, .storage, .untypedStorage, .typedStorage, .type:
      throw .refused("uses the pickle instruction REDUCE on a class of torch")
    }
  }

  private mutating func emptyDictionary() throws(TorchFault) -> PickleValue {
    try containers.append(PickleContainer())
    return .dictionary(UInt32(containers.count - 1))
  }

  /// A tensor of its storage, offset, extents and strides; what follows them says nothing of its numbers.
  private mutating func tensor(_ arguments: Piece) throws(TorchFault) -> PickleValue {
    let start = Int(arguments.start)
    guard case .storage(let storage) = items[start], case .integer(let offset) = items[start + 1],
      case .tuple(let sizes) = items[start + 2], case .tuple(let strides) = items[start + 3],
      sizes.count == strides.count
    else { throw Self.wrongArguments }
    guard storages[Int(storage)].type != nil else {
      throw .refused("holds a tensor of bytes without a type")
    }
    try tensors.append(
      PickledTensor(storage: storage, offset: offset, sizes: sizes, strides: strides))
    return .tensor(UInt32(tensors.count - 1))
  }

  /// The storage that a persistent name stands for: `("storage", class, key, device, number of elements[, view])`.
  mutating func storage(named name: PickleValue) throws(TorchFault) -> PickleValue {
    guard case .tuple(let piece) = name, piece.count > 0,
      case .text(let kind) = items[Int(piece.start)]
    else { throw Self.wrongStorage }
    let start = Int(piece.start)
    guard bytes[kind.range].equals("storage") else {
      throw .refused(
        "holds an object of the kind \"\(bytes.printable(kind.range))\", not only tensors")
    }
    guard (5...6).contains(piece.count), case .global(let storageClass) = items[start + 1],
      case .text(let key) = items[start + 2], case .integer(let count) = items[start + 4],
      count >= 0
    else { throw Self.wrongStorage }
    let type: TorchType?
    switch storageClass {
    case .storage(let element): type = element
    case .untypedStorage: type = nil
    default: throw Self.wrongStorage
    }
    let view = piece.count == 6 ? try view(items[start + 5]) : nil
    try storages.append(PickledStorage(key: key, type: type, count: count, view: view))
    return .storage(UInt32(storages.count - 1))
  }

  /// The part of a storage that an old file means: `(key of the view, offset, number of elements)`.
  private func view(_ value: PickleValue) throws(TorchFault) -> Piece? {
    switch value {
    case .none: return nil
    case .tuple(let piece) where piece.count == 3:
      guard case .integer(let offset) = items[Int(piece.start) + 1],
        case .integer(let count) = items[Int(piece.start) + 2],
        let offset = UInt32(exactly: offset), let count = UInt32(exactly: count)
      else { throw Self.wrongStorage }
      return Piece(Int(offset)..<Int(offset) + Int(count))
    default: throw Self.wrongStorage
    }
  }

  private static var wrongArguments: TorchFault {
    .damaged("is broken: a tensor of its pickle is made of wrong arguments")
  }

  private static var wrongStorage: TorchFault {
    .damaged("is broken: its pickle names a storage in a way that torch never does")
  }
}
