/// A table from pairs of ids to one value, by open addressing in one array.
struct PairTable<Value: BitwiseCopyable & Sendable>: Sendable {
  private struct Slot: Sendable {
    var key: UInt64
    var value: Value
  }

  private var slots: [Slot]
  private var shift: UInt64
  private var count = 0
  private let empty: Value

  /// No pair of ids: ids are not negative.
  private static var vacant: UInt64 { .max }

  init(capacity: Int, empty: Value) {
    var bits: UInt64 = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    shift = 64 - bits
    self.empty = empty
    slots = Array(repeating: Slot(key: Self.vacant, value: empty), count: 1 << bits)
  }

  @inline(__always)
  private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
  }

  /// The slot of a key, or the vacant one where it would be.
  @inline(__always)
  private func index(of key: UInt64) -> Int {
    var index = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while true {
      let found = slots[index].key
      if found == key || found == Self.vacant { return index }
      index = (index + 1) & (slots.count - 1)
    }
  }

  @inline(__always)
  subscript(_ first: Int32, _ second: Int32) -> Value? {
    get {
      let slot = slots[index(of: Self.key(first, second))]
      return slot.key == Self.vacant ? nil : slot.value
    }
  }

  mutating func set(_ first: Int32, _ second: Int32, to value: Value) {
    if count * 2 >= slots.count { grow() }
    let key = Self.key(first, second)
    let index = index(of: key)
    if slots[index].key == Self.vacant { count += 1 }
    slots[index] = Slot(key: key, value: value)
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(key: Self.vacant, value: empty), count: old.count * 2)
    shift -= 1
    for slot in old where slot.key != Self.vacant { slots[index(of: slot.key)] = slot }
  }
}
