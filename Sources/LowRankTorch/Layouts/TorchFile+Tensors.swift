extension TorchFile {
  /// Describes the tensors of what a pickle made.
  ///
  /// - Parameter place: finds the bytes of a storage.
  init(
    _ root: PickleValue, of unpickler: borrowing Unpickler, in source: TensorSource,
    _ budget: MemoryBudget,
    _ place: (PickledStorage) throws(TorchFault) -> TorchTensor.Place
  ) throws(TorchFault) {
    let found = try TensorSection(root, of: unpickler, budget)
    var tensors: [TorchTensor] = []
    try budget.take(found.tensorCount * MemoryLayout<TorchTensor>.stride)
    tensors.reserveCapacity(found.tensorCount)
    var names = Arena<Piece>(budget)
    var next = unpickler.containers[Int(found.dictionary)].first
    while next != PickleContainer.none {
      let link = unpickler.links[Int(next)]
      next = link.next
      guard case .tensor(let number) = link.value else { continue }
      guard case .text(let name) = link.key else {
        throw .refused("holds a tensor whose key is no text")
      }
      try names.append(name)
      tensors.append(
        try Self.tensor(
          name, unpickler.tensors[Int(number)], of: unpickler, in: source, budget, place))
    }
    try Self.checkDistinct(&names, unpickler.bytes)
    self.init(tensors: tensors, section: found.name, others: found.others)
  }

  private static func checkDistinct(
    _ names: inout Arena<Piece>, _ bytes: UnsafeRawBufferPointer
  ) throws(TorchFault) {
    names.sort { bytes[$0.range].lexicographicallyPrecedes(bytes[$1.range]) }
    for position in 0..<max(0, names.count - 1)
    where bytes[names[position].range].elementsEqual(bytes[names[position + 1].range]) {
      throw .refused("holds two tensors of the name \(bytes.printable(names[position].range))")
    }
  }

  private static func tensor(
    _ name: Piece, _ tensor: PickledTensor, of unpickler: borrowing Unpickler,
    in source: TensorSource,
    _ budget: MemoryBudget, _ place: (PickledStorage) throws(TorchFault) -> TorchTensor.Place
  ) throws(TorchFault) -> TorchTensor {
    let storage = unpickler.storages[Int(tensor.storage)]
    guard let type = storage.type else { throw LegacyLayout.broken }
    let bytes = unpickler.bytes
    guard let text = String(validating: bytes[name.range], as: UTF8.self) else {
      throw .damaged("is broken: the name of a tensor is not UTF-8")
    }
    // The name and the extents, each an object of its own, and what the view takes for a moment.
    try budget.take(text.utf8.count + 8 * Int(tensor.sizes.count) + 96)
    let whole = try place(storage)
    let size: Int
    switch whole {
    case .file(let range), .memory(_, let range): size = range.count
    }
    let view: TensorView
    do throws(TorchFault) {
      view = try TensorView(tensor, of: unpickler, within: size / type.size)
    } catch {
      throw .damaged(
        "is broken: the tensor \(bytes.printable(name.range)) does not lie within its storage")
    }
    return TorchTensor(
      name: text, type: type, shape: view.sizes,
      place: try Self.place(view, type, in: whole, of: source, budget))
  }

  /// Where the elements of a view stand row-major and little-endian: where they are, or in a copy.
  private static func place(
    _ view: TensorView, _ type: TorchType, in whole: TorchTensor.Place, of source: TensorSource,
    _ budget: MemoryBudget
  ) throws(TorchFault) -> TorchTensor.Place {
    let (size, overflows) = view.count.multipliedReportingOverflow(by: type.size)
    // What repeats its elements by strides of 0 may be of any size.
    guard !overflows else { throw budget.exceeded }
    if view.isContiguous, !source.isBigEndian || type.size == 1 {
      let start = view.count == 0 ? 0 : view.offset * type.size
      switch whole {
      case .file(let range):
        return .file(range.lowerBound + start..<range.lowerBound + start + size)
      case .memory(let memory, let range):
        return .memory(memory, range.lowerBound + start..<range.lowerBound + start + size)
      }
    }
    let bytes: UnsafeRawBufferPointer
    switch whole {
    case .file(let range): bytes = UnsafeRawBufferPointer(rebasing: source.file[range])
    case .memory(let memory, let range):
      bytes = UnsafeRawBufferPointer(rebasing: memory.bytes[range])
    }
    let copy = try TorchMemory(count: size, budget) { target in
      view.copy(from: bytes, to: target, type: type, swapping: source.isBigEndian)
    }
    withExtendedLifetime(whole) {}
    return .memory(copy, 0..<size)
  }
}

/// Where the numbers of tensors come from.
struct TensorSource {
  /// The whole file.
  let file: UnsafeRawBufferPointer
  /// Whether the machine that wrote it had the most significant byte first.
  let isBigEndian: Bool
}
