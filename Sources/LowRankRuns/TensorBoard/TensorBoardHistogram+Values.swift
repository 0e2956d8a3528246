extension TensorBoardHistogram {
  /// The number of buckets, which is TensorBoard's own default.
  private static let bucketCount = 30

  /// How the finite ones of `values` are distributed, nil where there are none.
  init?(of values: [Double]) {
    let values = values.filter(\.isFinite)
    guard let least = values.min(), let greatest = values.max() else { return nil }
    self.init()
    min = least
    max = greatest
    num = Double(values.count)
    sum = values.reduce(0, +)
    sumSquares = values.reduce(0) { $0 + $1 * $1 }
    // A bucket ends at its limit and begins at the one before, the first at the least value.
    let width = greatest / Double(Self.bucketCount) - least / Double(Self.bucketCount)
    guard width > 0 else {
      bucketLimit = [greatest]
      bucket = [num]
      return
    }
    bucketLimit = (1..<Self.bucketCount).map { least + Double($0) * width } + [greatest]
    bucket = [Double](repeating: 0, count: Self.bucketCount)
    for value in values {
      bucket[Swift.min(Int(value / width - least / width), Self.bucketCount - 1)] += 1
    }
  }
}
