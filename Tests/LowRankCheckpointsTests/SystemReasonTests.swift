import Foundation
import LowRankCheckpoints
import Testing

@Suite struct `The reason of an error of Foundation` {
  @Test func `is in the system's words`() throws {
    let folder = try TemporaryFolder()
    let missing = folder.url.appending(path: "missing")
    let error = #expect(throws: (any Error).self) {
      try FileManager.default.copyItem(at: missing, to: folder.url.appending(path: "copy"))
    }
    #expect(systemReason(try #require(error)) == "No such file or directory")
    #expect(systemReason(CocoaError(.fileWriteOutOfSpace)) == "No space left on device")
    #expect(
      systemReason(NSError(domain: NSPOSIXErrorDomain, code: Int(EDQUOT)))
        == String(cString: strerror(EDQUOT)))
    #expect(systemReason(FileError("read", "a", reason: "it is a folder")) == "it is a folder")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func `of a copy to a full disk names it`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "a")
    try Data(count: 1 << 16).write(to: file)
    let error = #expect(throws: FileError.self) {
      let output = try OutputFile(at: URL(filePath: "/dev/full"))
      try output.write([UInt8](repeating: 0, count: 1 << 20))
      try output.close()
    }
    #expect(error?.reason == "No space left on device")
  }
}
