import Foundation
import LowRankTorch
import Testing

@Suite struct `Attacks on a reader of pickles` {
  @Test func `are refused, each by the sentence for it`() throws {
    let attacks = try TorchAttack.all(in: Fixtures.folder)
    #expect(attacks.count > 300)
    for attack in attacks {
      do {
        let file = try attack.file.withUnsafeBytes { bytes in try TorchFile(bytes, at: "evil.pt") }
        Issue.record("\(attack.name) was read: \(file.tensors.map(\.name))")
      } catch let error as TorchFileError {
        #expect(error.problem.contains(attack.says), "\(attack.name): \(error.problem)")
        #expect(error.description.hasPrefix("evil.pt \(error.problem)"))
      }
    }
  }
}
