/// The mean of the squared differences of pairs of numbers; not a number without pairs.
public func meanSquaredError(_ x: [Double], _ y: [Double]) -> Double {
  mean(x, y) { $0 * $0 }
}

/// The mean of the absolute differences of pairs of numbers; not a number without pairs.
public func meanAbsoluteError(_ x: [Double], _ y: [Double]) -> Double {
  mean(x, y, of: abs)
}

private func mean(_ x: [Double], _ y: [Double], of size: (Double) -> Double) -> Double {
  precondition(x.count == y.count, "\(x.count) numbers, \(y.count) others")
  return zip(x, y).reduce(0) { $0 + size($1.0 - $1.1) } / Double(x.count)
}
