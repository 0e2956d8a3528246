import LowRankCheckpoints

extension LabelledSet {
  /// What tells one set of examples from another: a hash of the task, all tokens, their types and
  /// targets, and of the bytes of images.
  public var fingerprint: String {
    var record: [UInt64] = task.rawValue.utf8.map(UInt64.init)
    func add(_ numbers: some Collection<some BinaryInteger>) {
      record.append(UInt64(numbers.count))
      for number in numbers { record.append(UInt64(bitPattern: Int64(number))) }
    }
    for example in examples {
      add(example.ids)
      add(example.typeIDs)
      if let image = example.image { add(image.hash.bytes) }
      switch example.target {
      case nil: record.append(0)
      case .classIndex(let index): record += [1, UInt64(index)]
      case .number(let number): record += [2, number.bitPattern]
      case .classes(let indices):
        record.append(3)
        add(indices)
      }
    }
    return record.withUnsafeBytes { MurmurHash3(of: $0).hexadecimal }
  }
}
