/// The faults that are still to happen.
struct FaultBook: Sendable {
  private(set) var faults: [Fault] = []

  mutating func add(_ fault: Fault) { faults.append(fault) }

  mutating func clear() { faults = [] }

  /// The first fault that a request meets; it is used up when it has happened as often as it shall.
  mutating func take(
    _ method: String, _ path: String, where isMeant: (Fault) -> Bool
  ) -> Fault? {
    let index = faults.firstIndex { fault in
      isMeant(fault) && path.contains(fault.path) && (fault.method ?? method) == method
        && fault.times != 0
    }
    guard let index else { return nil }
    faults[index].times = faults[index].times.map { $0 - 1 }
    return faults[index]
  }
}
