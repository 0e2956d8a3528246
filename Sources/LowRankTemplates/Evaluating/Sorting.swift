extension Interpreter {
  /// Sorts positions stably by the keys at them, as Python's `sorted` does.
  func sorted(
    _ keys: [Value], by positions: [Int], descending: Bool = false
  ) throws(TemplateError) -> [Int] {
    var current = positions
    var width = 1
    while width < current.count {
      var merged: [Int] = []
      merged.reserveCapacity(current.count)
      var start = 0
      while start < current.count {
        let middle = min(start + width, current.count)
        let end = min(start + 2 * width, current.count)
        var (left, right) = (start, middle)
        while left < middle, right < end {
          let (a, b) = (keys[current[left]], keys[current[right]])
          if try descending ? less(a, b) : less(b, a) {
            merged.append(current[right])
            right += 1
          } else {
            merged.append(current[left])
            left += 1
          }
        }
        merged += current[left..<middle]
        merged += current[right..<end]
        start = end
      }
      current = merged
      width *= 2
    }
    return current
  }
}
