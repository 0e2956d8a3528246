/// Pearson's correlation coefficient of pairs of numbers, from -1 to 1.
///
/// It is not defined, and not a number, for less than two pairs, where all numbers of one side are
/// equal, and where one of them is not finite.
public func pearson(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "\(x.count) numbers, \(y.count) others")
  guard let x = centred(x), let y = centred(y) else { return .nan }
  return min(1, max(-1, zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }))
}

/// The numbers less their mean, with a sum of squares of 1; none where all are equal.
private func centred(_ numbers: [Double]) -> [Double]? {
  guard let first = numbers.first, numbers.allSatisfy(\.isFinite),
    numbers.contains(where: { $0 != first })
  else { return nil }
  // Scaled so that no sum or square of them is infinite, by a power of two, which rounds nothing.
  let exponent = numbers.reduce(0) { max($0, abs($1)) }.exponent
  let scaled = numbers.map { Double(sign: .plus, exponent: -exponent, significand: $0) }
  let mean = scaled.reduce(0, +) / Double(scaled.count)
  let differences = scaled.map { $0 - mean }
  let norm = differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return norm > 0 ? differences.map { $0 / norm } : nil
}
