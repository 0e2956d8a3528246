import Foundation
import LowRank
import LowRankConsole

/// What an experiment found: as lines for a terminal, as a page, and as JSON.
struct Findings {
  /// The table.
  let lines: [String]
  /// The page.
  let report: Report
  /// The numbers.
  let json: JSONObject

  /// The file by which a folder of findings is known.
  private static let marker = "result.json"

  /// Refuses a folder that is not one of findings, before any work.
  ///
  /// - Throws: `PublishingError` where it holds something else, `FileError` where it cannot be written.
  static func checkPlace(_ folder: URL) throws {
    let known = FileManager.default.fileExists(atPath: folder.appending(path: marker).path)
    try checkPublishable(folder: folder, overwrite: known)
    try probeWritable(folder)
  }

  /// Writes `report.html` and `result.json`, in the place of those of an earlier run.
  ///
  /// - Throws: `PublishingError`, `FileError`.
  func publish(at folder: URL) throws {
    try publishFolder(at: folder, overwrite: true) { folder in
      let page = try OutputFile(at: folder.appending(path: "report.html"))
      try page.write(Array(report.html.utf8))
      try page.close()
      try JSONValue.object(json).write(to: folder.appending(path: Self.marker))
    }
    Console.write("\(folder.relativePath): report.html and result.json")
  }
}
