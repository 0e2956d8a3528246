/// The gradient of a scalar function, from values of the function alone.
///
/// For each coordinate, `(8 (f(x+h) − f(x−h)) − (f(x+2h) − f(x−2h))) / 12h`: in f64 with the usual h and
/// numbers of about 1, right to some ten digits where the function is smooth.
public func centralDifferences(
  of function: ([Double]) -> Double, at point: [Double], step: Double = 1e-3
) -> [Double] {
  point.indices.map { coordinate in
    func value(_ steps: Double) -> Double {
      var moved = point
      moved[coordinate] += steps * step
      return function(moved)
    }
    return (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * step)
  }
}

/// How far numbers lie from those expected: the larger of `‖a − b‖ / ‖b‖` in the Euclidean and in the
/// maximum norm; infinite where counts differ or a number is not finite.
///
/// Where all of `expected` is zero, the largest absolute distance.
public func relativeDistance(_ numbers: [Double], from expected: [Double]) -> Double {
  guard numbers.count == expected.count else { return .infinity }
  var (difference, size) = ((square: 0.0, largest: 0.0), (square: 0.0, largest: 0.0))
  for (number, expected) in zip(numbers, expected) {
    guard number.isFinite, expected.isFinite else { return .infinity }
    let distance = abs(number - expected)
    difference.square += distance * distance
    difference.largest = max(difference.largest, distance)
    size.square += expected * expected
    size.largest = max(size.largest, abs(expected))
  }
  guard size.largest > 0 else { return difference.largest }
  return max(
    (difference.square / size.square).squareRoot(), difference.largest / size.largest)
}
