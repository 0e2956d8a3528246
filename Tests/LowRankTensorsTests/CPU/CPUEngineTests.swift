import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `The engine of the processor` {
  private static let engine = CPUEngine()

  @Test(arguments: EngineCheck.all)
  func `does what the specification says`(_ check: EngineCheck) {
    #expect(check.failures(of: Self.engine).isEmpty)
  }
}
