import Foundation
import LowRankCheckpoints
import Testing

private struct Interrupted: Error {}

/// What is there after a failure or a kill at any step, and what becomes of it then.
extension `Publishing into a folder that keeps its place` {
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

  @Test func `is completed by the next save`() throws {
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
}
