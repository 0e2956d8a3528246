import Synchronization

/// How many clients are sent events at once.
final class StreamSlots: Sendable {
  let limit: Int
  private let taken = Mutex(0)

  init(limit: Int) { self.limit = limit }

  /// Takes a place, if there is one; it is free again when the value is gone.
  func take() -> Slot? {
    let isFree = taken.withLock { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
    return isFree ? Slot(slots: self) : nil
  }

  final class Slot: Sendable {
    private let slots: StreamSlots

    init(slots: StreamSlots) { self.slots = slots }

    deinit { slots.taken.withLock { $0 -= 1 } }
  }
}
