/// A tensor with all but its `⌊density·N⌋` elements of largest magnitude set to zero, of equal ones the first kept.
func magnitudePruned(_ tensor: [Float], density: Double) -> [Float] {
  guard density < 1 else { return tensor }
  var rest = Int(density * Double(tensor.count))
  guard rest > 0 else { return Array(repeating: 0, count: tensor.count) }
  let threshold = tensor.map(abs).sorted(by: >)[rest - 1]
  rest -= tensor.count { abs($0) > threshold }
  return tensor.map { value in
    if abs(value) > threshold { return value }
    guard abs(value) == threshold, rest > 0 else { return 0 }
    rest -= 1
    return value
  }
}
