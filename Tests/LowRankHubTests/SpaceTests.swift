import Foundation
import LowRankHub
import Testing

@Suite struct `A disk` {
  @Test func `without room is named before anything is fetched`() throws {
    let folder = FileManager.default.temporaryDirectory.path
    try DiskSpace.check(needed: 1, in: folder)
    #expect { try DiskSpace.check(needed: .max - 1, in: folder) } throws: { error in
      (error as? HubError)?.kind == .space
        && "\(error)".contains("\(folder) has ") && "\(error)".contains("make room")
    }
  }
}
