/// The dictionary of a file that holds tensors by name.
struct TensorSection {
  /// The dictionary.
  let dictionary: UInt32
  /// Its key in the outermost one; none where it is that.
  let name: String?
  /// The number of its tensors.
  let tensorCount: Int
  /// The other keys of the outermost dictionary.
  let others: [String]

  /// The keys under which training scripts keep a model, in the order in which they are looked for.
  private static let known: [StaticString] = ["model_state_dict", "state_dict", "model", "module"]
  /// The most of the other keys that are named.
  private static let namedOthers = 20

  /// Finds the dictionary: the outermost one, or the one in it that holds tensors.
  ///
  /// - Throws: `TorchFault` where there is none, or several that may be meant.
  init(
    _ root: PickleValue, of unpickler: borrowing Unpickler, _ budget: MemoryBudget
  ) throws(TorchFault) {
    guard case .dictionary(let outermost) = root else {
      throw .refused("holds no dictionary of tensors by name")
    }
    let bytes = unpickler.bytes
    let own = Self.tensorCount(in: outermost, of: unpickler)
    var (inner, keys): ([(key: Piece, dictionary: UInt32, count: Int)], [Piece]) = ([], [])
    var next = unpickler.containers[Int(outermost)].first
    while next != PickleContainer.none {
      let link = unpickler.links[Int(next)]
      next = link.next
      guard case .text(let key) = link.key else { continue }
      if case .tensor = link.value { continue }
      if keys.count < Self.namedOthers { keys.append(key) }
      if own == 0, inner.count < Self.namedOthers, case .dictionary(let dictionary) = link.value {
        let count = Self.tensorCount(in: dictionary, of: unpickler)
        if count > 0 { inner.append((key, dictionary, count)) }
      }
    }
    func text(_ key: Piece) -> String { bytes.printable(key.range) }
    if own > 0 {
      (dictionary, name, tensorCount) = (outermost, nil, own)
      others = keys.map(text)
      return
    }
    let chosen =
      Self.known.lazy.compactMap { known in inner.first { bytes[$0.key.range].equals(known) } }
      .first
      ?? (inner.count == 1 ? inner[0] : nil)
    guard let chosen else {
      guard !inner.isEmpty else { throw .refused("holds no tensors by name") }
      throw .refused(
        "holds several sets of tensors, \(inner.map { text($0.key) }.joined(separator: ", ")), of which any may be meant"
      )
    }
    (dictionary, name, tensorCount) = (chosen.dictionary, text(chosen.key), chosen.count)
    others = keys.filter { $0.start != chosen.key.start }.map(text)
  }

  private static func tensorCount(
    in dictionary: UInt32, of unpickler: borrowing Unpickler
  ) -> Int {
    var (count, next) = (0, unpickler.containers[Int(dictionary)].first)
    while next != PickleContainer.none {
      let link = unpickler.links[Int(next)]
      if case .tensor = link.value { count += 1 }
      next = link.next
    }
    return count
  }
}
