import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `The checks of engines` {
  @Test(arguments: SpoiltEngine.Flaw.allCases)
  func `find whichever requirement is done wrong`(flaw: SpoiltEngine.Flaw) {
    let engine = SpoiltEngine(flaw)
    #expect(EngineCheck.all.contains { !$0.failures(of: engine).isEmpty })
  }
}
