import LowRankCheckpoints

extension ExampleSet {
  /// What tells one set of examples from another: a hash of all tokens and of which of them are trained.
  public var fingerprint: String {
    var record: [Int64] = []
    for example in examples {
      record.append(Int64(example.ids.count))
      record += example.ids.map(Int64.init)
      record += example.trained.flatMap { [Int64($0.lowerBound), Int64($0.upperBound)] }
    }
    return record.withUnsafeBytes { MurmurHash3(of: $0).hexadecimal }
  }
}
