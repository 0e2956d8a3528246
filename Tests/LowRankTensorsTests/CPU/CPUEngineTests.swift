import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `The engine of the processor` {
  private static let engine = CPUEngine()

  @Test(arguments: EngineCheck.all)
  func `agrees with the reference engine`(check: EngineCheck) {
    #expect(check.failures(of: Self.engine) == [])
  }

  @Test(arguments: EngineCheck.all)
  func `computes the same bits each time`(check: EngineCheck) {
    #expect(check.unrepeatableResults(on: Self.engine) == [])
  }

  @Test func `rounds to the nearest bfloat16, ties to even`() {
    let numbers: [Float] = [
      1, 1.003_906_25, 1.011_718_75, 1.003_907, -1.003_906, 0x1.FEFFp127, -0.0, 0x1p-133, 3e38,
    ]
    let rounded = numbers.map(roundedToBFloat16)
    #expect(rounded[1] == 1 && rounded[2] == 1.015_625 && rounded[3] == 1.007_812_5)
    let engine = Self.engine
    #expect(engine.floats(engine.tensor(numbers, [9], type: .bfloat16)) == rounded)
    let singles = engine.tensor(numbers, [9], type: .float32)
    #expect(engine.floats(singles) == numbers)
    #expect(engine.floats(engine.converted(singles, to: .bfloat16)) == rounded)
  }
}
