import Foundation
import LowRank

extension Report {
  /// Writes the page, at once and whole.
  ///
  /// - Throws: `PublishingError` where a file is in use and not to be replaced, `FileError`.
  func write(to url: URL, overwrite: Bool) throws {
    try publishFile(at: url, overwrite: overwrite) { file in
      let output = try OutputFile(at: file)
      try output.write(Array(html.utf8))
      try output.close()
    }
  }
}
