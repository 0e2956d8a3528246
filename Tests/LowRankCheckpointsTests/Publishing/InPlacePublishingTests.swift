import Foundation
import LowRankCheckpoints
import Testing

private struct Interrupted: Error {}

/// Folders that keep their place: mount points, the current folder, those of an unwritable parent.
@Suite struct `Publishing into a folder that keeps its place` {
  let folder: TemporaryFolder
  var destination: URL { folder.url.appending(path: "out") }

  init() throws { folder = try TemporaryFolder() }

  func write(_ files: [String: String], into folder: URL) throws {
    for (path, text) in files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  func publish(_ files: [String: String], overwrite: Bool = false, continuing: Bool = false) throws
  {
    try publishFolder(at: destination, overwrite: overwrite, continuing: continuing) {
      try write(files, into: $0)
    }
  }

  /// Every file of the folder with its text, but the manifest.
  func published(with manifest: Bool = false) throws -> [String: String] {
    var files: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: destination.path) {
      var isFolder: ObjCBool = false
      let file = destination.appending(path: path)
      guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder),
        !isFolder.boolValue, manifest || path != "manifest.json"
      else { continue }
      files[path] = try String(contentsOf: file, encoding: .utf8)
    }
    return files
  }

  private func number(of url: URL) throws -> UInt64 {
    try #require(
      try FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber] as? UInt64)
  }

  private func make(_ url: URL) throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  @Test(arguments: FolderTrouble.allCases)
  func `writes and replaces all of it wherever renaming fails`(_ trouble: FolderTrouble) throws {
    try make(destination)
    try FolderRenames.$current.withValue(trouble.renames(at: destination)) {
      try publish(["a": "1", "b/c": "1", "b/gone": "1", "gone": "1"])
      #expect(try published() == ["a": "1", "b/c": "1", "b/gone": "1", "gone": "1"])
      #expect(throws: PublishingError.exists(path: destination.path)) { try publish(["a": "2"]) }
      let before = try number(of: destination)
      try publish(["a": "2", "b/c": "2", "d": "2"], overwrite: true)
      #expect(try published() == ["a": "2", "b/c": "2", "d": "2"])
      #expect(try number(of: destination) == before)
      #expect(try folder.contents == ["out"])
    }
  }

  @Test func `appears where folders cannot be renamed at all`() throws {
    try FolderRenames.$current.withValue(FolderTrouble.noRenames.renames(at: destination)) {
      try probeWritable(destination)
      #expect(try folder.contents.isEmpty)
      try publish(["a": "1"])
      #expect(try published() == ["a": "1"])
      #expect(try folder.contents == ["out"])
    }
  }

  @Test func `lists what it wrote, last`() throws {
    try make(destination)
    try FolderRenames.$current.withValue(FolderTrouble.noRenames.renames(at: destination)) {
      try publish(["a": "1", "b/c": "23"])
    }
    let manifest = try #require(try FolderManifest(in: destination))
    #expect(manifest.files.entries.map(\.key) == ["a", "b/c"])
    #expect(manifest.files["b/c"]?.object?["bytes"]?.integer == 2)
    #expect(try manifest.difference(from: destination) == nil)
    try Data("2".utf8).write(to: destination.appending(path: "a"))
    #expect(try manifest.difference(from: destination) == "a has changed since it was written")
    try FileManager.default.removeItem(at: destination.appending(path: "b/c"))
    let other = try #require(try FolderManifest(in: destination))
    #expect(other.files == manifest.files)
  }

  @Test func `that fails midway leaves the old content`() throws {
    try make(destination)
    try FolderRenames.$current.withValue(FolderTrouble.noRenames.renames(at: destination)) {
      try publish(["a": "1"])
      #expect(throws: Interrupted.self) {
        try publishFolder(at: destination, overwrite: true) {
          try write(["a": "2"], into: $0)
          throw Interrupted()
        }
      }
      let error = #expect(throws: FileError.self) {
        try publishFolder(at: destination, overwrite: true) {
          try FileManager.default.createSymbolicLink(
            atPath: $0.appending(path: "a").path, withDestinationPath: "/dev/full")
          let file = try OutputFile(at: $0.appending(path: "a"))
          try file.write([1])
          try file.close()
        }
      }
      #expect(
        error?.description == "cannot write \(destination.path)/a: No space left on device")
    }
    #expect(try published() == ["a": "1"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: destination.path).sorted() == [
        "a", "manifest.json",
      ])
  }

  /// Every step of giving files their names is the last one before the kill, one after the other.
  @Test(arguments: [1, 3], [true, false])
  func `and killed at any step, is the old content or goes on to the new`(
    files: Int, folders: Bool
  ) throws {
    let first = [
      "a": "1", "b": "1", "c": "1", "gone": "1", "state/1/x": "1", "state/1/manifest.json": "1",
      "state/0/x": "1", "state/0/manifest.json": "1",
    ]
    var second = [
      "a": "2", "b": "1", "c": "1", "state/2/x": "2", "state/2/manifest.json": "2",
      "state/0/x": "2", "state/0/manifest.json": "2",
    ]
    if files == 1 { second["gone"] = "1" } else { (second["b"], second["c"]) = ("2", "2") }
    var (steps, decided) = (0, false)
    while true {
      try? FileManager.default.removeItem(at: destination)
      try make(destination)
      try FolderRenames.$current.withValue(FolderTrouble.noRenames.renames(at: destination)) {
        try publish(first)
      }
      let killed = KilledSteps(after: steps, folders: folders)
      let attempt = Result {
        try FolderRenames.$current.withValue(killed.renames) {
          try publish(second, overwrite: true)
        }
      }
      guard killed.wasReached else {
        try attempt.get()
        break
      }
      #expect(throws: (any Error).self) { try attempt.get() }
      let seen = try published().filter { !$0.key.contains("/") }
      // Who reads it now finds a state that is whole, and no mixture of old and new.
      let versions = Set(seen.filter { first[$0.key] != second[$0.key] }.values)
      #expect(versions.count <= 1, "after \(steps) steps: \(seen)")
      let states = try FileManager.default.contentsOfDirectory(
        atPath: destination.appending(path: "state").path)
      #expect(!states.isEmpty)
      let isDecided = FileManager.default.fileExists(
        atPath: destination.appending(path: ".lowrank-saved").path)
      #expect(isDecided || !decided, "what was decided for stays")
      decided = isDecided
      try finishInterruptedSave(in: destination)
      #expect(try published() == (isDecided ? second : first), "after \(steps) steps")
      if isDecided { _ = try #require(try FolderManifest(in: destination)) }
      steps += 1
    }
    #expect(steps > files + 2 && decided)
    #expect(try published() == second)
  }

  @Test func `replaces one file in a single step, so that readers always find one`() throws {
    try make(destination)
    try FolderRenames.$current.withValue(FolderTrouble.noRenames.renames(at: destination)) {
      try publish(["config": "1", "weights": "1"])
      var steps = 0
      var isDone = false
      while !isDone {
        let killed = KilledSteps(after: steps)
        _ = try? FolderRenames.$current.withValue(killed.renames) {
          try publish(["config": "1", "weights": "2"], overwrite: true)
        }
        isDone = !killed.wasReached
        #expect(try published()["weights"] != nil && published()["config"] == "1")
        try finishInterruptedSave(in: destination)
        steps += 1
      }
    }
  }

  @Test func `goes on with a save that another one finds broken off`() throws {
    try make(destination)
    FolderRenames.$current.withValue(KilledSteps(after: 1).renames) {
      let error = #expect(throws: PublishingError.self) { try publish(["a": "1"]) }
      #expect(error?.description.contains("the complete save is in") == true)
    }
    #expect(throws: PublishingError.exists(path: destination.path)) { try publish(["a": "2"]) }
    try FolderRenames.$current.withValue(FolderTrouble.noRenames.renames(at: destination)) {
      try publish(["a": "2"], overwrite: true)
    }
    #expect(try published() == ["a": "2"])
  }

  @Test(arguments: ["../victim", "/victim", "link/victim", "a/../../victim", ""])
  func `is not made to remove anything outside by what it finds inside`(_ path: String) throws {
    try make(destination.appending(path: ".lowrank-1-a"))
    try write(["victim": "v"], into: folder.url)
    try FileManager.default.createSymbolicLink(
      at: destination.appending(path: "link"), withDestinationURL: folder.url)
    let plan: JSONValue = [
      "version": 1, "folder": ".lowrank-1-a", "removes": [.string(path)],
    ]
    try plan.write(to: destination.appending(path: ".lowrank-saved"))
    #expect(throws: FileError.self) { try finishInterruptedSave(in: destination) }
    #expect(try folder.contents == ["out", "victim"])
    try FileManager.default.removeItem(at: destination.appending(path: ".lowrank-saved"))
    let other: JSONValue = ["version": 1, "folder": "../victim", "removes": []]
    try other.write(to: destination.appending(path: ".lowrank-saved"))
    #expect(throws: FileError.self) { try finishInterruptedSave(in: destination) }
    #expect(try folder.contents == ["out", "victim"])
  }

  @Test func `keeps what others put beside what it continues`() throws {
    try make(destination)
    try FolderRenames.$current.withValue(FolderTrouble.noRenames.renames(at: destination)) {
      try publish(["a": "1", "state/1": "1", "old": "1"])
      try write(["notes": "mine"], into: destination)
      try publish(["a": "2", "state/2": "2"], overwrite: true, continuing: true)
    }
    #expect(try published() == ["a": "2", "state/2": "2", "notes": "mine"])
  }

  @Test func `takes a new volume's lost+found for no content, and leaves it`() throws {
    let lost = destination.appending(path: "lost+found")
    try make(lost)
    try checkPublishable(folder: destination, overwrite: false)
    try publish(["a": "1"])
    try publish(["b": "2"], overwrite: true)
    #expect(try published() == ["b": "2"])
    #expect(FileManager.default.fileExists(atPath: lost.path))
    // A file of that name is somebody's.
    let other = folder.url.appending(path: "other")
    try write(["lost+found": "x"], into: other)
    #expect(throws: PublishingError.exists(path: other.path)) {
      try checkPublishable(folder: other, overwrite: false)
    }
  }

  @Test func `clears up what a killed process began inside`() async throws {
    try make(destination.appending(path: "lost+found"))
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = destination.path as String] in
      try publishFolder(at: URL(fileURLWithPath: path)) {
        try Data("half".utf8).write(to: $0.appending(path: "a"))
        kill(getpid(), SIGKILL)
      }
    }
    let half = try FileManager.default.contentsOfDirectory(atPath: destination.path)
    #expect(half.count == 2 && half.contains { $0.hasPrefix(".lowrank-") })
    try publish(["a": "1"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: destination.path).sorted() == [
        "a", "lost+found", "manifest.json",
      ])
  }

  @Test(arguments: [".", "./", "../out/"])
  func `is the current folder, which a run can go on in`(_ name: String) async throws {
    try make(destination)
    await #expect(processExitsWith: .success) {
      [path = destination.path as String, name = name as String] in
      #expect(chdir(path) == 0)
      for text in ["1", "2"] {
        try publishFolder(at: URL(filePath: name), overwrite: text == "2", continuing: true) {
          try Data(text.utf8).write(to: $0.appending(path: "a"))
        }
        // By the name of the folder, and by where the process stands.
        #expect(try String(contentsOfFile: path + "/a", encoding: .utf8) == text)
        #expect(access("a", R_OK) == 0)
      }
      // Somebody else's content is not thrown away there.
      #expect(throws: PublishingError.self) {
        try publishFolder(at: URL(filePath: name), overwrite: true) { _ in }
      }
    }
    #expect(try folder.contents == ["out"])
  }

  @Test func `is a link to one, which stays a link`() throws {
    let real = folder.url.appending(path: "real")
    try make(real)
    try FileManager.default.createSymbolicLink(at: destination, withDestinationURL: real)
    try FolderRenames.$current.withValue(FolderTrouble.mountPoint.renames(at: destination)) {
      try publish(["a": "1"])
      try publish(["a": "2"], overwrite: true)
    }
    #expect(try String(contentsOf: real.appending(path: "a"), encoding: .utf8) == "2")
    #expect(try folder.contents == ["out", "real"])
  }

  @Test func `keeps its result where neither way works in the end`() throws {
    // It fails after it was tried: what was written is not thrown away.
    var renames = FolderRenames.system
    let (rename, place) = (renames.rename, resolvedPath(destination.path))
    renames.rename = { $1 == place ? EIO : rename($0, $1) }
    let error = FolderRenames.$current.withValue(renames) {
      #expect(throws: PublishingError.self) { try publish(["a": "1"]) }
    }
    guard case .kept(_, let whole, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason == "Input/output error")
    #expect(whole.contains("/out.unpublished-"))
    #expect(try String(contentsOfFile: whole + "/a", encoding: .utf8) == "1")
    // The next one does not clear it up.
    try publish(["a": "2"])
    #expect(FileManager.default.fileExists(atPath: whole + "/a"))
  }
}

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
