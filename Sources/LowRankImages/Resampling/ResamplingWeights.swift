/// Which samples of a line each sample of a resized line is made of, with their weights as whole numbers.
///
/// A line that shrinks is weighed over as many samples as fall on one (antialiased). The weights are Pillow's: in double
/// precision, made to add up to 1, then rounded to 22 bits after the point.
struct ResamplingWeights {
  /// The first sample and the number of them, for each sample of the resized line.
  let ranges: [Range<Int>]
  /// The weights, `width` of them for each sample of the resized line.
  let weights: [Int32]
  /// The most samples that one is made of.
  let width: Int

  /// The bits after the point.
  static let precision = 32 - 8 - 2

  init(from old: Int, to new: Int, _ filter: ResamplingFilter) {
    let scale = Double(old) / Double(new)
    let spread = max(scale, 1)
    let support = filter.support * spread
    let width = Int(support.rounded(.up)) * 2 + 1
    var ranges: [Range<Int>] = []
    var weights = [Int32](repeating: 0, count: new * width)
    for index in 0..<new {
      let center = (Double(index) + 0.5) * scale
      let first = max(0, Int(center - support + 0.5))
      let last = min(old, Int(center + support + 0.5))
      let exact = (first..<last).map {
        filter.weight((Double($0) - center + 0.5) * (1 / spread))
      }
      let sum = exact.reduce(0, +)
      for (place, weight) in exact.enumerated() {
        let share = (sum == 0 ? weight : weight / sum) * Double(1 << Self.precision)
        weights[index * width + place] = Int32(share + (share < 0 ? -0.5 : 0.5))
      }
      ranges.append(first..<last)
    }
    (self.ranges, self.weights, self.width) = (ranges, weights, width)
  }
}
