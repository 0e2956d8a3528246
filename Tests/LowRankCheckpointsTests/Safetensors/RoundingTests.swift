import LowRankCheckpoints
import Testing

@Suite struct `Rounding to a stored type` {
  @Test(arguments: [(StoredType.bfloat16, 0x1p-8), (.float16, 0x1p-11)])
  func `errs by at most the unit roundoff`(type: StoredType, unit: Double) {
    #expect(type.unitRoundoff == unit)
    var worst = 0.0
    // One binade in steps of f32's last place but ten bits.
    for step in 0..<8192 {
      let number = Float(bitPattern: Float(1).bitPattern + UInt32(step) << 10 + 1)
      worst = max(worst, abs(Double(number.rounded(to: type)) - Double(number)) / Double(number))
    }
    #expect(worst <= unit && worst > 0.9 * unit)
  }
}
