/// Reads a pickle as data: it follows the instructions and names that tensors need, and calls nothing.
///
/// These are the instructions of torch's `weights_only`, without `NEWOBJ` and `EMPTY_SET`. Values stand in arenas and refer to each other
/// by number, so that no depth or repetition of a pickle costs more than its own length.
struct Unpickler: ~Copyable {
  /// The bytes of the pickle, and of what follows it.
  let bytes: UnsafeRawBufferPointer
  /// Where the next instruction stands.
  private(set) var position: Int

  /// The elements of tuples.
  var items: Arena<PickleValue>
  /// Lists and dictionaries, and what is in them.
  var containers: Arena<PickleContainer>
  var links: Arena<PickleLink>
  var storages: Arena<PickledStorage>
  var tensors: Arena<PickledTensor>

  private var stack: Arena<PickleValue>
  private var marks: Arena<UInt32>
  private var memo: Arena<MemoEntry>

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, _ budget: MemoryBudget) {
    self.bytes = bytes
    self.position = position
    items = Arena(budget)
    containers = Arena(budget)
    links = Arena(budget)
    storages = Arena(budget)
    tensors = Arena(budget)
    stack = Arena(budget)
    marks = Arena(budget)
    memo = Arena(budget)
  }

  /// Follows the instructions to the end of the pickle and returns its value.
  ///
  /// - Throws: `TorchFault` for whatever is no plain description of tensors.
  mutating func run() throws(TorchFault) -> PickleValue {
    guard bytes.count <= Int(UInt32.max) else { throw .refused("holds a pickle of over 4 GB") }
    while true {
      let byte = try integer(UInt8.self)
      guard let opcode = PickleOpcode(rawValue: byte) else { throw unknown(byte) }
      if opcode == .stop {
        let value = try pop()
        stack.clear()
        marks.clear()
        memo.clear()
        return value
      }
      try follow(opcode)
    }
  }

  private func unknown(_ byte: UInt8) -> TorchFault {
    guard let name = PickleOpcode.refusedName(byte) else {
      return .damaged("is broken: byte \(position - 1) of its pickle is no instruction")
    }
    return .refused("uses the pickle instruction \(name), which no tensor needs")
  }

  private mutating func follow(_ opcode: PickleOpcode) throws(TorchFault) {
    switch opcode {
    case .proto: _ = try integer(UInt8.self)
    case .stop: break
    case .mark: try marks.append(UInt32(stack.count))
    case .none: try push(.none)
    case .newtrue: try push(.boolean(true))
    case .newfalse: try push(.boolean(false))
    case .binint: try push(.integer(Int(try integer(Int32.self))))
    case .binint1: try push(.integer(Int(try integer(UInt8.self))))
    case .binint2: try push(.integer(Int(try integer(UInt16.self))))
    case .binfloat:
      _ = try take(8)
      try push(.number)
    case .long1: try push(long(try take(Int(try integer(UInt8.self)))))
    case .shortBinstring: try push(.text(Piece(try take(Int(try integer(UInt8.self))))))
    case .binunicode: try push(.text(Piece(try take(Int(try integer(UInt32.self))))))
    case .emptyTuple: try push(.tuple(Piece(items.count..<items.count)))
    case .tuple: try pushTuple(of: try countAboveMark())
    case .tuple1: try pushTuple(of: 1)
    case .tuple2: try pushTuple(of: 2)
    case .tuple3: try pushTuple(of: 3)
    case .emptyList: try push(.list(try newContainer()))
    case .emptyDict: try push(.dictionary(try newContainer()))
    case .append: try appendItems(1, "APPEND")
    case .appends: try appendItems(try countAboveMark(), "APPENDS")
    case .setitem: try setItems(2, "SETITEM")
    case .setitems: try setItems(try countAboveMark(), "SETITEMS")
    case .global: try push(.global(try global()))
    case .binput: try memorize(UInt32(try integer(UInt8.self)))
    case .longBinput: try memorize(try integer(UInt32.self))
    case .binget: try push(try memorized(UInt32(try integer(UInt8.self))))
    case .longBinget: try push(try memorized(try integer(UInt32.self)))
    case .binpersid: try push(try storage(named: try pop()))
    case .reduce:
      let arguments = try pop()
      try push(try result(of: try pop(), arguments))
    case .build:
      _ = try pop()
      // The state of an ordered dictionary is what a module noted of itself.
      guard case .dictionary = try top() else {
        throw .refused("uses the pickle instruction BUILD on what is no dictionary")
      }
    }
  }
}

/// A value that a pickle may use again.
private struct MemoEntry: BitwiseCopyable {
  let id: UInt32
  var value: PickleValue
}

// MARK: Bytes

extension Unpickler {
  /// The positions of the next bytes, which are skipped.
  private mutating func take(_ count: Int) throws(TorchFault) -> Range<Int> {
    guard count <= bytes.count - position else {
      throw .damaged("is cut short: its pickle ends within a value")
    }
    defer { position += count }
    return position..<position + count
  }

  private mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(TorchFault) -> Value {
    let range = try take(MemoryLayout<Value>.size)
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: type))
  }

  /// A two's complement integer of any length.
  private func long(_ range: Range<Int>) -> PickleValue {
    guard range.count <= 8 else { return .long(Piece(range)) }
    var value = 0
    for position in range.reversed() { value = value << 8 | Int(bytes[position]) }
    let unused = 64 - 8 * range.count
    return .integer(range.isEmpty ? 0 : (value << unused) >> unused)
  }

  private mutating func line() throws(TorchFault) -> Range<Int> {
    let end = bytes[position...].firstIndex(of: 0x0a)
    guard let end else { throw .damaged("is cut short: its pickle ends within a name") }
    defer { position = end + 1 }
    return position..<end
  }

  private mutating func global() throws(TorchFault) -> AllowedGlobal {
    let (module, name) = (try line(), try line())
    guard let global = AllowedGlobal(module: bytes[module], name: bytes[name]) else {
      throw .refused(
        "uses the global \(bytes.printable(module)).\(bytes.printable(name)), which no tensor needs: "
          + "it is not loaded, since a pickle can run code")
    }
    return global
  }
}

// MARK: Stack and memo

extension Unpickler {
  private mutating func push(_ value: PickleValue) throws(TorchFault) { try stack.append(value) }

  /// The number of values below the last mark, which nothing may take away.
  private var floor: Int { marks.isEmpty ? 0 : Int(marks[marks.count - 1]) }

  private func top() throws(TorchFault) -> PickleValue {
    guard stack.count > floor else { throw Self.underflow }
    return stack[stack.count - 1]
  }

  private mutating func pop() throws(TorchFault) -> PickleValue {
    let value = try top()
    stack.truncate(to: stack.count - 1)
    return value
  }

  /// The number of values above the last mark, which is taken away.
  private mutating func countAboveMark() throws(TorchFault) -> Int {
    guard !marks.isEmpty else { throw Self.underflow }
    defer { marks.truncate(to: marks.count - 1) }
    return stack.count - floor
  }

  private mutating func pushTuple(of count: Int) throws(TorchFault) {
    guard count <= stack.count - floor else { throw Self.underflow }
    let start = items.count
    for position in stack.count - count..<stack.count { try items.append(stack[position]) }
    stack.truncate(to: stack.count - count)
    try push(.tuple(Piece(start..<items.count)))
  }

  private mutating func newContainer() throws(TorchFault) -> UInt32 {
    try containers.append(PickleContainer())
    return UInt32(containers.count - 1)
  }

  private mutating func appendItems(
    _ count: Int, _ opcode: StaticString
  ) throws(TorchFault) {
    let start = stack.count - count
    guard start > floor else { throw Self.underflow }
    guard case .list(let list) = stack[start - 1] else {
      throw .refused("uses the pickle instruction \(opcode) on what is no list")
    }
    for position in start..<stack.count {
      try link(PickleLink(key: .none, value: stack[position]), to: list)
    }
    stack.truncate(to: start)
  }

  private mutating func setItems(
    _ count: Int, _ opcode: StaticString
  ) throws(TorchFault) {
    let start = stack.count - count
    guard start > floor, count.isMultiple(of: 2) else { throw Self.underflow }
    guard case .dictionary(let dictionary) = stack[start - 1] else {
      throw .refused("uses the pickle instruction \(opcode) on what is no dictionary")
    }
    for position in stride(from: start, to: stack.count, by: 2) {
      try link(PickleLink(key: stack[position], value: stack[position + 1]), to: dictionary)
    }
    stack.truncate(to: start)
  }

  private mutating func link(_ link: PickleLink, to number: UInt32) throws(TorchFault) {
    try links.append(link)
    let position = UInt32(links.count - 1)
    var container = containers[Int(number)]
    if container.count == 0 {
      container.first = position
    } else {
      links[Int(container.last)].next = position
    }
    (container.last, container.count) = (position, container.count + 1)
    containers[Int(number)] = container
  }

  private mutating func memorize(_ id: UInt32) throws(TorchFault) {
    let value = try top()
    let place = memo.firstPosition { $0.id < id }
    guard place == memo.count else {
      guard memo[place].id == id else {
        throw .refused("numbers the values of its pickle in an order that no pickler writes")
      }
      memo[place].value = value
      return
    }
    try memo.append(MemoEntry(id: id, value: value))
  }

  private func memorized(_ id: UInt32) throws(TorchFault) -> PickleValue {
    let place = memo.firstPosition { $0.id < id }
    guard place < memo.count, memo[place].id == id else {
      throw .damaged("is broken: its pickle uses value \(id), which it did not make")
    }
    return memo[place].value
  }

  private static var underflow: TorchFault {
    .damaged("is broken: an instruction of its pickle lacks values")
  }
}

// MARK: Containers

extension Unpickler {
  /// Makes a dictionary of a list of pairs, as Python 2 wrote ordered dictionaries.
  mutating func dictionary(ofPairs list: UInt32) throws(TorchFault) -> PickleValue {
    let dictionary = try newContainer()
    var next = containers[Int(list)].first
    while next != PickleContainer.none {
      let item = links[Int(next)]
      let pair: (PickleValue, PickleValue)
      switch item.value {
      case .tuple(let piece) where piece.count == 2:
        pair = (items[Int(piece.start)], items[Int(piece.start) + 1])
      case .list(let inner) where containers[Int(inner)].count == 2:
        let first = links[Int(containers[Int(inner)].first)]
        pair = (first.value, links[Int(first.next)].value)
      default: throw .damaged("is broken: an ordered dictionary is made of what is no pairs")
      }
      try link(PickleLink(key: pair.0, value: pair.1), to: dictionary)
      next = item.next
    }
    return .dictionary(dictionary)
  }
}
