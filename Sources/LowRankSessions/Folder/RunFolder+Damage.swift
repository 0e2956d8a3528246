import Foundation
import LowRank
import LowRankCheckpoints
import LowRankKeys

extension RunFolder {
  /// Refuses a finished run whose weights or configuration are not those that it wrote.
  ///
  /// - Throws: `DataError` if a file is missing or has changed, `FileError`.
  func requireIntactResult(of state: TrainingState) throws {
    if let files = state.result,
      let difference = try FolderManifest(files: files).difference(from: url)
    {
      let place = StateHistory(inAdapter: url).place(of: state.number)
      let remedy =
        settings.subject == .adapter
        ? "copy it from \(place.relativePath)"
        : "restore it from a copy, or replace the run with \(setting: "overwrite")"
      throw DataError(url.relativePath, "\(difference); \(remedy)")
    }
  }
}
