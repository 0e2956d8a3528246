/// Tokens and their ids, both ways.
///
/// A token is a string of bytes: no two are ever taken for one.
struct Vocabulary: Sendable {
  private struct Entry: Sendable {
    var start: UInt32
    var count: UInt32
    var id: Int32
  }

  private var arena: [UInt8] = []
  private var entries: [Entry] = []
  /// Entry numbers plus one by hash, zero where empty; a power of two of them.
  private var slots: [UInt32] = []
  /// Entry numbers plus one by id.
  private var entryOfID: [UInt32] = []

  /// Ids beyond this are taken for a broken file.
  static let largestID = 1 << 24

  init(capacity: Int) {
    entries.reserveCapacity(capacity)
    arena.reserveCapacity(capacity * 8)
    slots = Array(repeating: 0, count: Self.slotCount(for: capacity))
  }

  /// How many tokens there are.
  var count: Int { entries.count }

  private static func slotCount(for capacity: Int) -> Int {
    var count = 16
    while count < capacity * 2 { count *= 2 }
    return count
  }

  /// Adds a token; false where it is there already.
  ///
  /// An id belongs to the token that had it last.
  @discardableResult
  mutating func insert(_ token: UnsafeBufferPointer<UInt8>, id: Int32) -> Bool {
    if entries.count * 2 >= slots.count { grow() }
    let slot = slot(of: token)
    guard slots[slot] == 0 else { return false }
    entries.append(Entry(start: UInt32(arena.count), count: UInt32(token.count), id: id))
    arena.append(contentsOf: token)
    slots[slot] = UInt32(entries.count)
    if entryOfID.count <= Int(id) {
      entryOfID.append(contentsOf: repeatElement(0, count: Int(id) + 1 - entryOfID.count))
    }
    entryOfID[Int(id)] = UInt32(entries.count)
    return true
  }

  /// The slot that holds a token, or the empty one where it would be.
  @inline(__always)
  private func slot(of token: UnsafeBufferPointer<UInt8>) -> Int {
    var slot = Int(truncatingIfNeeded: Hashing.hash(token)) & (slots.count - 1)
    return arena.withUnsafeBufferPointer { arena in
      while slots[slot] != 0 {
        let entry = entries[Int(slots[slot]) - 1]
        if entry.count == token.count {
          let stored = UnsafeBufferPointer(
            rebasing: arena[Int(entry.start)..<Int(entry.start + entry.count)])
          if stored.elementsEqual(token) { break }
        }
        slot = (slot + 1) & (slots.count - 1)
      }
      return slot
    }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    arena.withUnsafeBufferPointer { arena in
      for (index, entry) in entries.enumerated() {
        let range = Int(entry.start)..<Int(entry.start + entry.count)
        let hash = Hashing.hash(UnsafeBufferPointer(rebasing: arena[range]))
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(index + 1)
      }
    }
  }

  /// The id of a token.
  func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
    let entry = slots[slot(of: token)]
    return entry == 0 ? nil : entries[Int(entry) - 1].id
  }

  /// The id of a token.
  func id(of token: some Sequence<UInt8>) -> Int32? {
    Array(token).withUnsafeBufferPointer { id(of: $0) }
  }

  /// The bytes of a token.
  func token(of id: Int32) -> [UInt8]? {
    guard id >= 0, Int(id) < entryOfID.count, entryOfID[Int(id)] != 0 else { return nil }
    let entry = entries[Int(entryOfID[Int(id)]) - 1]
    return Array(arena[Int(entry.start)..<Int(entry.start + entry.count)])
  }

  /// Calls `body` with every token and its id.
  func forEach(_ body: ([UInt8], Int32) -> Void) {
    for entry in entries {
      body(Array(arena[Int(entry.start)..<Int(entry.start + entry.count)]), entry.id)
    }
  }
}
