/// The logits of one row, read many at a time: a vocabulary has hundreds of thousands.
package struct LogitRow {
  private typealias Lanes = SIMD16<Float>

  private let logits: UnsafeBufferPointer<Float>

  /// The logits of at least one token.
  package init(_ logits: UnsafeBufferPointer<Float>) {
    precondition(!logits.isEmpty, "a vocabulary has tokens")
    self.logits = logits
  }

  /// Whether all are finite.
  package var isFinite: Bool {
    // Without its sign, the bit pattern of a number grows with its magnitude; infinities and NaN come last.
    var largest = SIMD16<UInt32>.zero
    for place in wholes {
      let bits = unsafeBitCast(lanes(at: place), to: SIMD16<UInt32>.self)
      largest = pointwiseMax(largest, bits & SIMD16(repeating: 0x7fff_ffff))
    }
    return largest.max() < Float.infinity.bitPattern && rest.allSatisfy(\.isFinite)
  }

  /// The token of greatest logit; of equal logits the one of lowest number.
  package var greatest: Int {
    var all = Lanes(repeating: -.infinity)
    for place in wholes {
      let some = lanes(at: place)
      all.replace(with: some, where: some .> all)
    }
    let value = max(all.max(), rest.max() ?? -.infinity)
    let whole = wholes.first { any(lanes(at: $0) .== value) }
    return logits[(whole ?? count)...].firstIndex(of: value) ?? 0
  }

  /// Where vectors begin.
  private var wholes: StrideTo<Int> { stride(from: 0, to: count, by: Lanes.scalarCount) }
  private var count: Int { logits.count / Lanes.scalarCount * Lanes.scalarCount }
  /// What no vector holds.
  private var rest: Slice<UnsafeBufferPointer<Float>> { logits[count...] }

  private func lanes(at place: Int) -> Lanes {
    UnsafeRawBufferPointer(logits).loadUnaligned(
      fromByteOffset: place * MemoryLayout<Float>.stride, as: Lanes.self)
  }
}
