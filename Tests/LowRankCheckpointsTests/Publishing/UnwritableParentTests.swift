import Foundation
import LowRankCheckpoints
import Testing

/// Folders and files whose parents may not be written.
@Suite struct `Publishing below a parent that may not be written` {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `writes into the folder, and into the file`() async throws {
    let path = folder.url.path as String
    await #expect(processExitsWith: .success) { [path = path as String] in
      try FileManager.default.createDirectory(
        atPath: path + "/out", withIntermediateDirectories: false)
      // Whoever may not write the parent has a folder for temporary files.
      #expect(mkdir(path + "/tmp", 0o777) == 0 && chmod(path + "/tmp", 0o777) == 0)
      setenv("TMPDIR", path + "/tmp", 1)
      try Data("old and long".utf8).write(to: URL(fileURLWithPath: path + "/page.html"))
      if geteuid() == 0 {
        // The administrator may do everything.
        for name in ["/out", "/page.html"] { #expect(chown(path + name, 65534, 65534) == 0) }
        #expect(chmod(path, 0o555) == 0 && seteuid(65534) == 0)
      } else {
        #expect(chmod(path, 0o555) == 0)
      }
      let (out, page) = (
        URL(fileURLWithPath: path + "/out"), URL(fileURLWithPath: path + "/page.html")
      )
      for place in [out, page] { try probeWritable(place) }
      for text in ["1", "2"] {
        try publishFolder(at: out, overwrite: text == "2") {
          try Data(text.utf8).write(to: $0.appending(path: "a"))
        }
        #expect(try String(contentsOfFile: path + "/out/a", encoding: .utf8) == text)
      }
      #expect(throws: PublishingError.exists(path: page.path)) {
        try publishFile(at: page) { _ in }
      }
      try publishFile(at: page, overwrite: true) { try Data("new".utf8).write(to: $0) }
      #expect(try String(contentsOfFile: path + "/page.html", encoding: .utf8) == "new")
      #expect(throws: FileError.self) { try probeWritable(URL(fileURLWithPath: path + "/other")) }
    }
    #expect(chmod(path, 0o755) == 0)
    #expect(try folder.contents == ["out", "page.html", "tmp"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/tmp").isEmpty)
  }

  @Test func `is refused before any work where the folder may not be written either`() async throws
  {
    let path = folder.url.path as String
    await #expect(processExitsWith: .success) { [path = path as String] in
      try FileManager.default.createDirectory(
        atPath: path + "/out", withIntermediateDirectories: false)
      #expect(chmod(path + "/out", 0o555) == 0 && chmod(path, 0o555) == 0)
      if geteuid() == 0 { #expect(seteuid(65534) == 0) }
      let error = #expect(throws: FileError.self) {
        try probeWritable(URL(fileURLWithPath: path + "/out"))
      }
      #expect(error?.description == "cannot write \(path)/out: Permission denied")
      #expect(throws: FileError.self) {
        try publishFolder(at: URL(fileURLWithPath: path + "/out")) { _ in
          Issue.record("must not be called")
        }
      }
    }
    for name in [path, path + "/out"] { #expect(chmod(name, 0o755) == 0) }
  }

  @Test(.enabled(if: geteuid() == 0, "only the administrator can make files of others"))
  func `is refused where others' files in it may not be replaced`() async throws {
    let path = folder.url.path as String
    await #expect(processExitsWith: .success) { [path = path as String] in
      // As in /tmp: everybody may write, and replace only what is his.
      try FileManager.default.createDirectory(
        atPath: path + "/out", withIntermediateDirectories: false)
      try Data("root's".utf8).write(to: URL(fileURLWithPath: path + "/out/a"))
      #expect(chmod(path + "/out", 0o1777) == 0 && chmod(path, 0o555) == 0)
      #expect(seteuid(65534) == 0)
      let error = #expect(throws: FileError.self) {
        try probeWritable(URL(fileURLWithPath: path + "/out"))
      }
      #expect(error?.description == "cannot replace \(path)/out/a: Operation not permitted")
    }
    #expect(chmod(path, 0o755) == 0)
  }
}
