import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTransformers

extension Adapter {
  /// An adapter that is in no folder yet, as if it had been read from one.
  ///
  /// - Throws: `FileError`, and what reading it onto the base throws.
  init(
    drafted draft: EditableAdapter, on base: Model, allowing allowed: Set<LoadCheck> = []
  ) throws {
    let (parent, prefix) = (FileManager.default.temporaryDirectory.path, "lowrank-quality-")
    HiddenFolder.removeStale(in: parent, prefix: prefix)
    let folder = try HiddenFolder(in: parent, prefix: prefix, given: parent)
    defer { _ = folder.remove() }
    try draft.write(as: .peft, into: folder.url)
    self = try Adapter(from: folder.url, on: base, allowing: allowed)
  }
}
