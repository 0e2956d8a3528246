import Foundation

/// The smallest of 1, 2 and 5 times a power of ten that is not below a number above zero.
func niceStep(_ least: Double) -> Double {
  let power = pow(10, log10(least).rounded(.down))
  let share = least / power
  for factor in [1.0, 2, 5] where share <= factor * (1 + 1e-9) { return factor * power }
  return 10 * power
}

/// Ticks at multiples of nice steps, the most that are wanted first, then fewer and fewer.
func linearTicks(in ends: ClosedRange<Double>, wanted: Int) -> [[AxisLayout.Tick]] {
  var choices: [[AxisLayout.Tick]] = []
  for count in (1...wanted).reversed() {
    let step = niceStep((ends.upperBound - ends.lowerBound) / Double(count))
    let first = (ends.lowerBound / step - 1e-6).rounded(.up)
    let last = (ends.upperBound / step + 1e-6).rounded(.down)
    guard last >= first, last - first < 1000 else { continue }
    // Not `stride`, which would add up its errors.
    let values = (0...Int(last - first)).map { (first + Double($0)) * step }
    let labels = tickLabels(values, step: step)
    let choice = zip(values, labels).map { AxisLayout.Tick(value: $0, label: $1) }
    if choice != choices.last { choices.append(choice) }
  }
  return choices
}

/// Ticks at 1, 2 and 5 of each decade, at decades, or at every few of them, the closest first.
///
/// - Parameter ends: exponents of ten.
func logarithmicTicks(in ends: ClosedRange<Double>, wanted: Int) -> [[AxisLayout.Tick]] {
  let first = Int(ends.lowerBound.rounded(.down))
  let last = Int(ends.upperBound.rounded(.up))
  func ticks(_ factors: [Double], every step: Int) -> [AxisLayout.Tick] {
    let values = (first...last).filter { $0.isMultiple(of: step) }
      .flatMap { exponent in factors.map { $0 * pow(10, Double(exponent)) } }
      .filter { $0 >= 1e-300 && $0 < 1e300 && ends.contains($0.logarithm) }
    return zip(values, powerLabels(values)).map { AxisLayout.Tick(value: $0, label: $1) }
  }
  let close = ticks([1, 2, 5], every: 1)
  guard close.count > 1 else {
    let linear = pow(10, ends.lowerBound)...pow(10, ends.upperBound)
    return linearTicks(in: linear, wanted: wanted).map { $0.filter { $0.value > 0 } }
  }
  let choices = [close] + [1, 2, 3, 4, 5, 10, 20, 50, 100, 200].map { ticks([1], every: $0) }
  let fitting = choices.filter { $0.count > 1 && $0.count <= max(3, wanted + 1) }
  return fitting.isEmpty ? [close] : fitting
}

/// The labels of values that are a step apart.
private func tickLabels(_ values: [Double], step: Double) -> [String] {
  let largest = values.map(abs).max() ?? 0
  guard largest > 0 else { return values.map { _ in "0" } }
  guard largest < 1e15, step >= 1e-6 else {
    let digits = min(15, max(1, Int((log10(largest / step)).rounded(.up)) + 1))
    return values.map { abs($0) < step / 2 ? "0" : NumberText.scientific($0, digits: digits) }
  }
  let (divisor, suffix) = largest >= 1e4 ? thousands(largest) : (1, "")
  let decimals = max(0, -Int((log10(step / divisor) + 1e-9).rounded(.down)))
  return values.map {
    abs($0) < step / 2 ? "0" : fixed($0 / divisor, decimals: decimals) + suffix
  }
}

/// The labels of values that may be far apart.
private func powerLabels(_ values: [Double]) -> [String] {
  guard values.allSatisfy({ $0 > 0.99e-3 && $0 < 0.99e7 }) else {
    return values.map { NumberText.scientific($0, digits: 2) }
  }
  return values.map { value in
    guard value > 0.99e4 else { return NumberText.short(value, digits: 2) }
    let (divisor, suffix) = thousands(value)
    return NumberText.short(value / divisor, digits: 2) + suffix
  }
}

/// The largest power of a thousand that is not above a number, and its letter.
private func thousands(_ number: Double) -> (divisor: Double, suffix: String) {
  for (divisor, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M")] where number > 0.999 * divisor {
    return (divisor, suffix)
  }
  return (1e3, "k")
}

extension Double {
  /// Its decimal logarithm, exact for powers of ten.
  var logarithm: Double {
    let logarithm = log10(self)
    let whole = logarithm.rounded()
    return abs(logarithm - whole) < 1e-12 ? whole : logarithm
  }
}
