/// Unicode's four normalization forms, as of the reference's version of Unicode.
enum UnicodeNormalizer: String, Normalizer {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  func apply(to text: inout AlignedText, _ classes: inout ScalarClasses) {
    guard !isUnchanged(text.bytes) else { return }
    let decomposed = decompose(UTF8Text.scalars(text.bytes))
    text.transform(self == .nfc || self == .nfkc ? compose(decomposed) : decomposed)
  }

  /// ASCII never changes; NFC leaves everything below U+0300 alone, whose UTF-8 starts below 0xCC.
  private func isUnchanged(_ bytes: [UInt8]) -> Bool {
    let limit: UInt8 = self == .nfc ? 0xCC : 0x80
    return bytes.allSatisfy { $0 < limit }
  }

  /// Takes every scalar apart and puts marks that follow each other in their canonical order.
  private func decompose(_ scalars: [UInt32]) -> [AlignedText.Edit] {
    let decomposition: Decompositions =
      self == .nfc || self == .nfd ? .canonical : .compatibility
    var result: [AlignedText.Edit] = []
    result.reserveCapacity(scalars.count)
    var marks: [(order: UInt8, edit: AlignedText.Edit)] = []

    func add(_ edit: AlignedText.Edit) {
      let order = UnicodeProperties.combiningClass(edit.scalar)
      if order == 0 {
        flush()
        result.append(edit)
      } else {
        marks.append((order, edit))
      }
    }
    func flush() {
      guard !marks.isEmpty else { return }
      // Swift's sort is stable, which the order of equal classes needs.
      result += marks.sorted { $0.order < $1.order }.map(\.edit)
      marks = []
    }

    for scalar in scalars {
      guard let parts = decomposition(scalar) else {
        add(.init(scalar: scalar, change: 0))
        continue
      }
      for (index, part) in parts.enumerated() {
        add(.init(scalar: part, change: index == 0 ? 0 : 1))
      }
    }
    flush()
    return result
  }

  /// Joins each starter with the marks after it that nothing blocks.
  private func compose(_ decomposed: [AlignedText.Edit]) -> [AlignedText.Edit] {
    var result: [AlignedText.Edit] = []
    result.reserveCapacity(decomposed.count)
    var starter: Int?
    var lastClass: UInt8?
    for edit in decomposed {
      let order = UnicodeProperties.combiningClass(edit.scalar)
      if let starter, lastClass.map({ $0 < order }) ?? true,
        let composite = Decompositions.compose(result[starter].scalar, edit.scalar)
      {
        result[starter].scalar = composite
        result[starter].change += edit.change - 1
        continue
      }
      result.append(edit)
      if order == 0 {
        starter = result.count - 1
        lastClass = nil
      } else if starter != nil {
        lastClass = order
      }
    }
    return result
  }
}
