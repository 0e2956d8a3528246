import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags of verbs that say something of each row or text, in a line for each.
struct LineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file to write. (default: standard output)",
      valueName: "file"),
    completion: .file(extensions: ["jsonl", "csv", "tsv"]))
  var output: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Rows or texts at a time.", valueName: "n"))
  var batchSize: Int = 32

  @OptionGroup var replacing: OverwriteOption<OneFile>

  /// The file to write, refused before any work where that would fail or destroy something; nil for standard output.
  func place(sparing inputs: [String?]) throws -> CheckedFile? {
    try Bounds.check(batchSize, "--batch-size")
    return try output.map {
      try CheckedFile(
        $0, name: "--output", overwrite: replacing.overwrite, kind: "file of rows",
        isKind: { (try? DataTable(at: $0)) != nil || (try? Data(contentsOf: $0).isEmpty) == true },
        sparing: inputs)
    }
  }

  /// Writes lines as they are made, and says how many rows of what they are; a file appears at once and whole.
  ///
  /// - Parameter make: makes the lines, hands each to its argument, and returns the number of rows.
  func write(
    to place: CheckedFile?, noun: String, json: Bool,
    _ make: ((String) throws -> Void) throws -> Int
  ) throws {
    guard let place else {
      _ = try make { try Console.result($0) }
      return
    }
    let count = try publishFile(at: place.url, overwrite: replacing.overwrite) { temporary in
      let file = try OutputFile(at: temporary)
      let count = try make { try file.write(Array(($0 + "\n").utf8)) }
      try file.close()
      return count
    }
    guard json else {
      return try Console.result("\(place.url.relativePath): \(count) \(noun)")
    }
    try Console.result(["output": .string(place.url.relativePath), "rows": .integer(count)])
  }
}
