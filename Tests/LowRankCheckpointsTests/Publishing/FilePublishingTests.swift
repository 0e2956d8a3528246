import Foundation
import LowRankCheckpoints
import Testing

@Suite struct `Publishing a file` {
  let folder: TemporaryFolder
  var destination: URL { folder.url.appending(path: "out") }

  init() throws { folder = try TemporaryFolder() }

  func publish(_ text: String, overwrite: Bool = false) throws {
    try publishFile(at: destination, overwrite: overwrite) { try Data(text.utf8).write(to: $0) }
  }

  var published: String? { try? String(contentsOf: destination, encoding: .utf8) }

  @Test func `makes it appear, and replaces it only with overwrite`() throws {
    try publish("old")
    #expect(published == "old")
    #expect(throws: PublishingError.exists(path: destination.path)) { try publish("new") }
    #expect(published == "old")
    try publish("new", overwrite: true)
    #expect(published == "new")
    #expect(try folder.contents == ["out"])
  }

  @Test func `that fails leaves everything as it was`() throws {
    try publish("old")
    let error = #expect(throws: FileError.self) {
      try publishFile(at: destination, overwrite: true) { url in
        try FileManager.default.createSymbolicLink(
          atPath: url.path, withDestinationPath: "/dev/full")
        let file = try OutputFile(at: url)
        try file.write([1])
        try file.close()
      }
    }
    #expect(error?.description == "cannot write \(destination.path): No space left on device")
    #expect(published == "old")
    #expect(try folder.contents == ["out"])
  }

  @Test(arguments: ["/dev/null", "/tmp"]) func `refuses the place of anything else`(path: String) {
    #expect(throws: PublishingError.notAFile(path: path)) {
      try publishFile(at: URL(fileURLWithPath: path), overwrite: true) { _ in }
    }
  }
}
