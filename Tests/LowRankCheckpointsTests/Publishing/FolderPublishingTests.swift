import Foundation
import LowRankCheckpoints
import Testing

private struct Interrupted: Error {}

@Suite struct `Publishing a folder` {
  let folder: TemporaryFolder
  var destination: URL { folder.url.appending(path: "out") }

  init() throws { folder = try TemporaryFolder() }

  func write(_ text: String, in folder: URL) throws {
    let file = try OutputFile(at: folder.appending(path: "text"))
    try file.write(Array(text.utf8))
    try file.close()
  }

  func publish(_ text: String, overwrite: Bool = false) throws {
    try publishFolder(at: destination, overwrite: overwrite) { try write(text, in: $0) }
  }

  var published: String? {
    try? String(contentsOf: destination.appending(path: "text"), encoding: .utf8)
  }

  @Test func `makes it appear, with the folders above`() throws {
    let deep = folder.url.appending(path: "a/b/c")
    let result = try publishFolder(at: deep) { temporary in
      try write("new", in: temporary)
      let inner = temporary.appending(path: "inner")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
      try write("inner", in: inner)
      #expect(!FileManager.default.fileExists(atPath: deep.path))
      return 7
    }
    #expect(result == 7)
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: deep.path).sorted() == [
        "inner", "inner/text", "text",
      ])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/a/b") == ["c"])
  }

  @Test func `takes an empty folder's place`() throws {
    try FileManager.default.createDirectory(at: destination, withIntermediateDirectories: false)
    try publish("new")
    #expect(published == "new")
    #expect(try folder.contents == ["out"])
  }

  @Test func `refuses a folder in use without overwrite, before anything is written`() throws {
    try publish("old")
    #expect(throws: PublishingError.exists(path: destination.path)) {
      try publishFolder(at: destination) { _ in Issue.record("must not be called") }
    }
    #expect(published == "old")
    #expect(try folder.contents == ["out"])
    #expect(
      PublishingError.exists(path: "out").description
        == "out exists already; pass overwrite to replace it")
  }

  @Test func `replaces a folder in use with overwrite, whole`() throws {
    try publishFolder(at: destination) {
      try write("old", in: $0)
      _ = try Data("x".utf8).write(to: $0.appending(path: "only in the old"))
    }
    try publish("new", overwrite: true)
    #expect(published == "new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: destination.path) == ["text"])
    #expect(try folder.contents == ["out"])
  }

  @Test func `that fails midway leaves everything as it was`() throws {
    let fresh = folder.url.appending(path: "a/b")
    #expect(throws: Interrupted.self) {
      try publishFolder(at: fresh) {
        try write("half", in: $0)
        throw Interrupted()
      }
    }
    #expect(try folder.contents.isEmpty)
    try publish("old")
    #expect(throws: Interrupted.self) {
      try publishFolder(at: destination, overwrite: true) {
        try write("half", in: $0)
        throw Interrupted()
      }
    }
    #expect(published == "old")
    #expect(try folder.contents == ["out"])
  }

  @Test func `on a full disk names the final path and leaves nothing`() throws {
    try publish("old")
    let error = #expect(throws: FileError.self) {
      try publishFolder(at: destination, overwrite: true) { temporary in
        let full = temporary.appending(path: "text").path
        try FileManager.default.createSymbolicLink(
          atPath: full, withDestinationPath: "/dev/full")
        try write("new", in: temporary)
      }
    }
    #expect(error?.description == "cannot write \(destination.path)/text: No space left on device")
    #expect(published == "old")
    #expect(try folder.contents == ["out"])
  }

  @Test func `follows a link to the folder that it replaces`() throws {
    let real = folder.url.appending(path: "real")
    try publishFolder(at: real) { try write("old", in: $0) }
    try FileManager.default.createSymbolicLink(at: destination, withDestinationURL: real)
    try publish("new", overwrite: true)
    #expect(try String(contentsOf: real.appending(path: "text"), encoding: .utf8) == "new")
    #expect(try folder.contents == ["out", "real"])
  }

  @Test func `refuses a link that leads nowhere before anything is written`() throws {
    for target in ["nowhere", destination.lastPathComponent] {
      try FileManager.default.createSymbolicLink(
        atPath: destination.path, withDestinationPath: target)
      #expect(throws: PublishingError.brokenLink(path: destination.path)) {
        try checkPublishable(folder: destination, overwrite: true)
      }
      #expect(throws: PublishingError.brokenLink(path: destination.path)) {
        try checkPublishable(file: destination, overwrite: true)
      }
      try FileManager.default.removeItem(at: destination)
    }
  }

  @Test func `refuses a file's place, the root, and what contains the current folder`() throws {
    let file = try folder.file("file", [1])
    #expect(throws: PublishingError.notAFolder(path: file.path)) {
      try publishFolder(at: file, overwrite: true) { _ in }
    }
    for path in ["/", FileManager.default.currentDirectoryPath] {
      #expect(throws: PublishingError.containsCurrentFolder(path: path)) {
        try publishFolder(at: URL(fileURLWithPath: path), overwrite: true) { _ in }
      }
    }
    let error = #expect(throws: FileError.self) {
      try publishFolder(at: file.appending(path: "below/out")) { _ in }
    }
    #expect(error?.reason == "Not a directory")
  }

  func publishes(_ number: Int, overwrite: Bool) -> Bool {
    let attempt = Result {
      try publishFolder(at: destination, overwrite: overwrite) { temporary in
        for file in 0..<4 {
          try Data("\(number)".utf8).write(to: temporary.appending(path: "\(file)"))
        }
      }
    }
    return (try? attempt.get()) != nil
  }

  @Test func `by many at once yields one of them, whole`() async throws {
    let succeeded = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<16 {
        group.addTask { publishes(number, overwrite: number.isMultiple(of: 2)) }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(succeeded >= 8)
    let texts = try (0..<4).map {
      try String(contentsOf: destination.appending(path: "\($0)"), encoding: .utf8)
    }
    #expect(Set(texts).count == 1)
    #expect(try folder.contents == ["out"])
  }
}
