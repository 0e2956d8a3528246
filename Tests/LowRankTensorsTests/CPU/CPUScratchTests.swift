import CKernels
import LowRankTensors
import LowRankTesting
import Testing

@Suite(.serialized) struct `Working memory of kernels` {
  @Test(arguments: EngineCheck.all)
  func `is never read before it is written`(check: EngineCheck) {
    lr_spoil_scratch(1)
    defer { lr_spoil_scratch(0) }
    #expect(check.failures(of: CPUEngine()) == [])
  }
}
