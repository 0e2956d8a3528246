/// The layout before torch 1.6: pickles one after the other, then the storages, each behind the number of its elements.
///
/// The pickles are a magic number, the version of the layout, facts about the machine, the object, and the keys of the
/// storages in the order of their contents.
enum LegacyLayout {
  /// 0x1950a86a20f9469cfc6c, as a pickle of protocol 2 or later holds it, without the protocol before it.
  private static let magic: [UInt8] = [
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]
  private static let version = 1001

  static func isLegacy(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count > 2 + magic.count && bytes[0] == PickleOpcode.proto.rawValue
      && bytes[2..<2 + magic.count].elementsEqual(magic)
  }

  static func read(
    _ bytes: UnsafeRawBufferPointer, _ budget: MemoryBudget
  ) throws(TorchFault) -> TorchFile {
    var position = 2 + magic.count
    try checkVersion(bytes, &position, budget)
    let swaps = try isBigEndian(bytes, &position, budget)
    var unpickler = Unpickler(bytes, at: position, budget)
    let root = try unpickler.run()
    var keys = Unpickler(bytes, at: unpickler.position, budget)
    guard case .list(let list) = try keys.run() else { throw broken }
    let storages = try LegacyStorages(
      keys, list, of: unpickler, swapping: swaps, budget)
    let source = TensorSource(file: bytes, isBigEndian: swaps)
    return try TorchFile(root, of: unpickler, in: source, budget) {
      (storage) throws(TorchFault) in try storages.place(of: storage)
    }
  }

  private static func checkVersion(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ budget: MemoryBudget
  ) throws(TorchFault) {
    var unpickler = Unpickler(bytes, at: position, budget)
    guard case .integer(let found) = try unpickler.run() else { throw broken }
    guard found == version else {
      throw .refused("is of version \(found) of torch's old layout, expected \(version)")
    }
    position = unpickler.position
  }

  private static func isBigEndian(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ budget: MemoryBudget
  ) throws(TorchFault) -> Bool {
    var unpickler = Unpickler(bytes, at: position, budget)
    guard case .dictionary(let facts) = try unpickler.run() else { throw broken }
    position = unpickler.position
    var next = unpickler.containers[Int(facts)].first
    while next != PickleContainer.none {
      let link = unpickler.links[Int(next)]
      if case .text(let key) = link.key, bytes[key.range].equals("little_endian"),
        case .boolean(let isLittle) = link.value
      {
        return !isLittle
      }
      next = link.next
    }
    throw broken
  }

  static var broken: TorchFault {
    .damaged("is broken: what stands around its tensors is not what torch writes there")
  }
}

/// The places of storages in an old file.
struct LegacyStorages: ~Copyable {
  /// The content of a storage.
  private struct Content: BitwiseCopyable {
    /// Its key, in the file.
    let key: Piece
    let elementSize: Int
    var start = 0
    var count = -1
  }

  private let bytes: UnsafeRawBufferPointer
  /// The contents, in the order of the bytes of their keys.
  private var contents: Arena<Content>

  /// Follows the list of keys through the file.
  init(
    _ keys: borrowing Unpickler, _ list: UInt32, of unpickler: borrowing Unpickler,
    swapping: Bool, _ budget: MemoryBudget
  ) throws(TorchFault) {
    bytes = unpickler.bytes
    contents = Arena(budget)
    for position in 0..<unpickler.storages.count {
      let storage = unpickler.storages[position]
      try contents.append(Content(key: storage.key, elementSize: storage.elementSize))
    }
    let bytes = bytes
    contents.sort {
      bytes[$0.key.range].lexicographicallyPrecedes(bytes[$1.key.range])
    }
    var position = keys.position
    var next = keys.containers[Int(list)].first
    while next != PickleContainer.none {
      let link = keys.links[Int(next)]
      guard case .text(let key) = link.value else { throw LegacyLayout.broken }
      try locate(key, &position, swapping: swapping)
      next = link.next
    }
  }

  /// Finds the content at a position, and sets the position behind it.
  private mutating func locate(
    _ key: Piece, _ position: inout Int, swapping: Bool
  ) throws(TorchFault) {
    var place = firstPlace(of: key)
    guard place < contents.count, isKey(key, at: place), contents[place].count < 0 else {
      throw LegacyLayout.broken
    }
    guard bytes.count - position >= 8 else { throw Self.short }
    let stored = bytes.loadUnaligned(fromByteOffset: position, as: Int64.self)
    let count = Int(swapping ? Int64(bigEndian: stored) : Int64(littleEndian: stored))
    let size = contents[place].elementSize
    position += 8
    guard count >= 0, count <= (bytes.count - position) / size else { throw Self.short }
    // Every mention of a storage is an entry of its own.
    while place < contents.count, isKey(key, at: place) {
      guard contents[place].elementSize == size else { throw LegacyLayout.broken }
      (contents[place].start, contents[place].count) = (position, count)
      place += 1
    }
    position += count * size
  }

  private func firstPlace(of key: Piece) -> Int {
    contents.firstPosition {
      bytes[$0.key.range].lexicographicallyPrecedes(bytes[key.range])
    }
  }

  private func isKey(_ key: Piece, at place: Int) -> Bool {
    bytes[contents[place].key.range].elementsEqual(bytes[key.range])
  }

  /// The bytes of a storage, or of the part of it that is meant.
  func place(of storage: PickledStorage) throws(TorchFault) -> TorchTensor.Place {
    let place = firstPlace(of: storage.key)
    guard place < contents.count, isKey(storage.key, at: place), contents[place].count >= 0 else {
      throw .damaged("is broken: it lacks the storage \(bytes.printable(storage.key.range))")
    }
    let content = contents[place]
    guard content.count == storage.count else {
      throw .damaged(
        "is broken: the storage \(bytes.printable(storage.key.range)) has \(content.count) elements, not \(storage.count)"
      )
    }
    let view = storage.view?.range ?? 0..<content.count
    guard view.upperBound <= content.count else { throw LegacyLayout.broken }
    return .file(
      content.start + view.lowerBound * content.elementSize..<content.start + view.upperBound
        * content.elementSize)
  }

  private static var short: TorchFault {
    .damaged("is cut short: it ends within the numbers of its tensors")
  }
}
