import Foundation
import LowRank
import LowRankCheckpoints

/// The state that a run continues from, as process 0 found it, in every process: hosts need not share a file system.
struct SharedState {
  /// The state.
  let state: TrainingState
  /// Its folder, in which the kept adapter lies too.
  let folder: URL
  private let copy: ScratchFolder?

  private init(_ state: TrainingState, _ folder: URL, _ copy: ScratchFolder?) {
    self.state = state
    self.folder = folder
    self.copy = copy
  }

  /// Hands the state of process 0 to the others; nil where there is none.
  ///
  /// - Parameter found: the state and its folder, in process 0.
  /// - Throws: `FileError`, `StateError`, what the reducer throws.
  static func handed(
    _ found: (state: TrainingState, folder: URL)?, to reducer: any Reducer
  ) throws -> SharedState? {
    let files = try found.map { try content(of: $0.folder) } ?? []
    var names = JSONValue.array(files.map { .string($0.lastPathComponent) }).bytes()
    try reducer.broadcast(&names)
    let expected = try JSONValue(parsing: names).array?.compactMap(\.string) ?? []
    guard !expected.isEmpty else { return nil }
    if let found {
      for file in files {
        let mapped = try MappedFile(at: file)
        var bytes = withExtendedLifetime(mapped) { Array(mapped.bytes) }
        try reducer.broadcast(&bytes)
      }
      return SharedState(found.state, found.folder, nil)
    }
    let copy = try ScratchFolder.made(for: "state")
    for name in expected {
      var bytes: [UInt8] = []
      try reducer.broadcast(&bytes)
      let file = try OutputFile(at: copy.url.appending(path: name))
      try file.write(bytes)
      try file.close()
    }
    return SharedState(try TrainingState(in: copy.url), copy.url, copy)
  }

  private static func content(of folder: URL) throws -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil
      ).sorted { $0.path < $1.path }
    } catch { throw FileError("read", folder.relativePath, reason: systemReason(error)) }
  }
}
