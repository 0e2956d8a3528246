import Foundation
import LowRankCheckpoints
import Testing

/// Folders that hold files of others, which stay when the folder is written again.
@Suite struct `Writing a folder again` {
  let folder: TemporaryFolder
  var destination: URL { folder.url.appending(path: "out") }
  private let kind = OutputKind(["own*", "state/step-*"])

  init() throws { folder = try TemporaryFolder() }

  private func write(_ files: [String: String], into folder: URL) throws {
    for (path, text) in files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  private func publish(_ files: [String: String], overwrite: Bool = true) throws {
    try publishFolder(at: destination, overwrite: overwrite, replacing: kind) {
      try write(files, into: $0)
    }
  }

  private func published() throws -> [String: String] {
    var files: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: destination.path) {
      let text = try? String(contentsOf: destination.appending(path: path), encoding: .utf8)
      if path != FolderManifest.name { files[path] = text }
    }
    return files
  }

  private func number(of name: String) throws -> UInt64? {
    let path = destination.appending(path: name).path
    return try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64
  }

  private static let first = ["own.json": "1", "own-old": "1", "state/step-1/a": "1"]
  private static let others = ["notes.txt": "mine", "logs/deep/run.log": "log", "state/mine": "x"]
  private static let second = ["own.json": "2", "state/step-2/a": "2"]

  @Test func `keeps the files of others as they are, and removes its own`() throws {
    try publish(Self.first)
    try write(Self.others, into: destination)
    try FileManager.default.createSymbolicLink(
      atPath: destination.appending(path: "link").path, withDestinationPath: "nowhere")
    let before = try number(of: "notes.txt")
    try publish(Self.second)
    #expect(try published() == Self.second.merging(Self.others) { $1 })
    // A program that writes to one of them goes on writing to the same file.
    #expect(try number(of: "notes.txt") == before)
    let link = destination.appending(path: "link").path
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "nowhere")
    #expect(try folder.contents == ["out"])
  }

  @Test(arguments: FolderTrouble.allCases)
  func `does so where the folder cannot be renamed`(_ trouble: FolderTrouble) throws {
    try FileManager.default.createDirectory(at: destination, withIntermediateDirectories: true)
    try FolderRenames.$current.withValue(trouble.renames(at: destination)) {
      try publish(Self.first)
      try write(Self.others, into: destination)
      try publish(Self.second)
      #expect(try published() == Self.second.merging(Self.others) { $1 })
    }
    let manifest = try #require(try FolderManifest(in: destination))
    #expect(manifest.files.entries.map(\.key).sorted() == Self.second.keys.sorted())
    #expect(try folder.contents == ["out"])
  }

  @Test func `keeps a file that is made in the last moment`() throws {
    try publish(Self.first)
    var renames = FolderRenames.system
    let exchange = renames.exchange
    renames.exchange = { [path = destination.path] left, right in
      if right == path { try? Data("late".utf8).write(to: URL(filePath: path + "/late.txt")) }
      return exchange(left, right)
    }
    try FolderRenames.$current.withValue(renames) { try publish(Self.second) }
    #expect(try published() == Self.second.merging(["late.txt": "late"]) { $1 })
  }

  @Test func `takes what a manifest lists for its own`() throws {
    try write(["text": "1", "more/text": "1", "mine": "1"], into: destination)
    let listed: JSONValue = [
      "version": 1, "files": ["text": .object(JSONObject()), "more/text": .object(JSONObject())],
    ]
    try listed.write(to: destination.appending(path: FolderManifest.name))
    try publish(["own": "2"])
    #expect(try published() == ["own": "2", "mine": "1"])
    #expect(try FolderManifest(in: destination) == nil)
  }

  @Test func `is refused beside files of others, which are named`() throws {
    try write(["b": "1", "a": "1"], into: destination)
    let error = #expect(throws: PublishingError.self) {
      try publish(["own": "1"], overwrite: false)
    }
    #expect(
      error?.description.hasSuffix(
        "holds other files (a, b); pass overwrite to write beside them: they stay") == true)
    try publish(["own": "1"])
    #expect(throws: PublishingError.exists(path: destination.path)) {
      try publish(["own": "2"], overwrite: false)
    }
  }
}
