/// A growing array of plain values whose memory is counted in a budget before it is allocated.
struct Arena<Element: BitwiseCopyable>: ~Copyable {
  private var storage = UnsafeMutableBufferPointer<Element>(start: nil, count: 0)
  private(set) var count = 0
  private let budget: MemoryBudget

  init(_ budget: MemoryBudget) { self.budget = budget }

  deinit {
    budget.release(storage.count * MemoryLayout<Element>.stride)
    storage.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  subscript(position: Int) -> Element {
    get {
      precondition(position >= 0 && position < count, "position \(position) of \(count)")
      return storage[position]
    }
    set {
      precondition(position >= 0 && position < count, "position \(position) of \(count)")
      storage[position] = newValue
    }
  }

  /// Adds an element at the end.
  ///
  /// - Throws: `TorchFault` where the budget is used up.
  mutating func append(_ element: Element) throws(TorchFault) {
    if count == storage.count { try grow(to: max(8, count + count / 2)) }
    storage.initializeElement(at: count, to: element)
    count += 1
  }

  /// Removes all elements behind the first so many.
  mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count, "\(count) of \(self.count)")
    self.count = count
  }

  /// Removes all elements and gives their memory back.
  mutating func clear() {
    budget.release(storage.count * MemoryLayout<Element>.stride)
    storage.deallocate()
    (storage, count) = (UnsafeMutableBufferPointer(start: nil, count: 0), 0)
  }

  private mutating func grow(to capacity: Int) throws(TorchFault) {
    try budget.take(capacity * MemoryLayout<Element>.stride)
    let larger = UnsafeMutableBufferPointer<Element>.allocate(capacity: capacity)
    for position in 0..<count { larger.initializeElement(at: position, to: storage[position]) }
    budget.release(storage.count * MemoryLayout<Element>.stride)
    storage.deallocate()
    storage = larger
  }

  /// Sorts the elements in place, by heaps: in no case does it take more memory or quadratic time.
  mutating func sort(by precedes: (Element, Element) -> Bool) {
    guard count > 1 else { return }
    for root in stride(from: count / 2 - 1, through: 0, by: -1) {
      sift(root, below: count, precedes)
    }
    for end in stride(from: count - 1, through: 1, by: -1) {
      storage.swapAt(0, end)
      sift(0, below: end, precedes)
    }
  }

  private func sift(_ root: Int, below end: Int, _ precedes: (Element, Element) -> Bool) {
    var root = root
    while 2 * root + 1 < end {
      var child = 2 * root + 1
      if child + 1 < end, precedes(storage[child], storage[child + 1]) { child += 1 }
      guard precedes(storage[root], storage[child]) else { return }
      storage.swapAt(root, child)
      root = child
    }
  }

  /// The position of the first element that does not come before a place in sorted elements.
  func firstPosition(notBefore isBefore: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(storage[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
