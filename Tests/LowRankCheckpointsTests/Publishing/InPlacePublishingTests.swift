import Foundation
import LowRankCheckpoints
import Testing

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

  func number(of url: URL) throws -> UInt64 {
    try #require(
      try FileManager.default.attributesOfItem(atPath: url.path)[.systemFileNumber] as? UInt64)
  }

  func make(_ url: URL) throws {
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
