import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `The reference engine's memory` {
  private let engine = ReferenceEngine()
  private final class Owner: Sendable {}

  @Test func `keeps f64 whatever the type says`() {
    let third = engine.tensor([1.0 / 3], [1])
    let converted = engine.converted(third, to: .bfloat16)
    #expect(converted.type == .bfloat16)
    #expect(engine.doubles(converted) == [1 / 3])
    #expect(engine.floats(converted) == [Float(1) / 3])
  }

  @Test func `reads weights as they are stored`() {
    let bytes: [UInt8] = [0x00, 0x00, 0x80, 0x3F, 0x20, 0xC0, 0x48, 0x41]
    bytes.withUnsafeBytes { bytes in
      let single = engine.resident(
        bytes, stored: .float32, [2], as: .bfloat16, owner: Owner())
      #expect(single.type == .bfloat16)
      // 0x4148C020 rounds nowhere: all of its bits are kept.
      #expect(engine.doubles(single) == [1, Double(Float(bitPattern: 0x4148_C020))])
      let half = engine.resident(bytes, stored: .bfloat16, [2, 2], as: .float32, owner: Owner())
      #expect(engine.doubles(half) == [0, 1, -2.5, 12.5])
      let integers = engine.resident(bytes, stored: .int32, [2], as: .int32, owner: Owner())
      #expect(engine.integers(integers) == [0x3F80_0000, 0x4148_C020])
    }
  }

  @Test func `leaves other handles as they were`() {
    let original = engine.tensor([1.0, 2, 3, 4], [2, 2])
    let ones = engine.tensor([1.0, 1], [1, 2])
    var changed = original
    engine.add(original, scale: 1, to: &changed)
    #expect(engine.doubles(changed) == [2, 4, 6, 8])
    var row = original.viewed(rows: 1..<2)
    engine.add(ones, scale: 10, to: &row)
    #expect(engine.doubles(row) == [13, 14])
    #expect(engine.doubles(original) == [1, 2, 3, 4])
  }
}
