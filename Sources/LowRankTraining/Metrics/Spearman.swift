/// Spearman's rank correlation coefficient of pairs of numbers, from -1 to 1: ``pearson(_:_:)`` of
/// their ranks, and undefined where that is.
public func spearman(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "\(x.count) numbers, \(y.count) others")
  guard (x + y).allSatisfy(\.isFinite) else { return .nan }
  return pearson(ranks(of: x), ranks(of: y))
}

/// The place of each number among all in ascending order, counted from 1; equal ones share the mean
/// of their places.
private func ranks(of numbers: [Double]) -> [Double] {
  let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
  var ranks = Array(repeating: 0.0, count: numbers.count)
  var start = 0
  while start < order.count {
    let value = numbers[order[start]]
    let end = order[start...].firstIndex { numbers[$0] != value } ?? order.count
    for index in order[start..<end] { ranks[index] = Double(start + end + 1) / 2 }
    start = end
  }
  return ranks
}
