import Foundation
import LowRankCheckpoints
import Testing

@Suite struct `A process that is killed while publishing` {
  let folder: TemporaryFolder
  var destination: URL { folder.url.appending(path: "out") }

  init() throws { folder = try TemporaryFolder() }

  func publish(_ text: String) throws {
    try publishFolder(at: destination, overwrite: true) {
      try Data(text.utf8).write(to: $0.appending(path: "text"))
    }
  }

  var published: String? {
    try? String(contentsOf: destination.appending(path: "text"), encoding: .utf8)
  }

  @Test func `leaves the old folder intact, and the next one clears up`() async throws {
    try publish("old")
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = destination.path as String] in
      try publishFolder(at: URL(fileURLWithPath: path), overwrite: true) {
        try Data("half".utf8).write(to: $0.appending(path: "text"))
        kill(getpid(), SIGKILL)
      }
    }
    #expect(published == "old")
    #expect(try folder.contents.count == 2)
    try publish("new")
    #expect(published == "new")
    #expect(try folder.contents == ["out"])
  }

  /// The removal must wait until the folder has its own name again.
  @Test func `by a signal removes a folder that it has just renamed`() async throws {
    await #expect(processExitsWith: .exitCode(7)) { [path = destination.path as String] in
      var renames = FolderRenames.system
      renames.rename = { old, new in
        if old.hasSuffix("-moved") {
          Thread.detachNewThread { TemporaryFolders.removeAll { exit(7) } }
          usleep(200_000)
        }
        return FolderRenames.system.rename(old, new)
      }
      try FolderRenames.$current.withValue(renames) {
        try probeWritable(URL(fileURLWithPath: path))
        sleep(60)
      }
    }
    #expect(try folder.contents == [])
  }

  @Test func `is cleared up by an output of another name, but not for another host`() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.url.path as String] in
      try publishFolder(at: URL(fileURLWithPath: path + "/other")) { _ in
        _ = kill(getpid(), SIGKILL)
      }
    }
    let left = try #require(try folder.contents.first)
    #expect(left.hasPrefix(".other.lowrank-"))
    var parts = left.split(separator: "-").map(String.init)
    parts[2] = "00000000"
    let foreign = parts.joined(separator: "-")
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: foreign), withIntermediateDirectories: false)
    try probeWritable(destination)
    #expect(try folder.contents == [foreign])
  }

  @Test func `is not mistaken for one that still runs`() throws {
    try publishFolder(at: destination, overwrite: true) { outer in
      try Data("outer".utf8).write(to: outer.appending(path: "text"))
      try publish("inner")
      #expect(FileManager.default.fileExists(atPath: outer.appending(path: "text").path))
    }
    #expect(published == "outer")
    #expect(try folder.contents == ["out"])
  }

  @Test func `does not take the names of others for its own`() throws {
    let names = [
      ".out.lowrank-x", ".out.lowrank-1-a", ".other.lowrank-99999999-a", ".out.lowrank-",
    ]
    for name in names {
      try FileManager.default.createDirectory(
        at: folder.url.appending(path: name), withIntermediateDirectories: false)
    }
    try publish("new")
    #expect(try folder.contents == (names + ["out"]).sorted())
  }
}
