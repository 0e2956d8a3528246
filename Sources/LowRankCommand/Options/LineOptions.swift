import ArgumentParser
import Foundation
import LowRank

/// The flags of verbs that say something of each row or text, one JSON object a line.
struct LineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the lines are written. (default: standard output)", valueName: "file"),
    completion: .file(extensions: ["jsonl"]))
  var output: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Rows or texts at a time.", valueName: "n"))
  var batchSize: Int = 32

  @Flag(help: "Replace an existing file.")
  var overwrite = false

  /// The file to write, refused before any work where that would fail or destroy something; nil for standard output.
  func place(sparing inputs: [String?]) throws -> CheckedFile? {
    try Bounds.check(batchSize, "--batch-size")
    return try output.map {
      try CheckedFile(
        $0, flag: "--output", overwrite: overwrite, kind: "file of JSON lines",
        isKind: { (try? DataTable(at: $0)) != nil || (try? Data(contentsOf: $0).isEmpty) == true },
        sparing: inputs)
    }
  }

  /// Writes the objects, to a file at once and whole, and says how many of what they are.
  func write(_ lines: [JSONObject], to place: CheckedFile?, noun: String, json: Bool) throws {
    guard let place else {
      for line in lines { try Console.result(line) }
      return
    }
    try publishFile(at: place.url, overwrite: overwrite) { temporary in
      let file = try OutputFile(at: temporary)
      for line in lines { try file.write(JSONValue.object(line).bytes() + [UInt8(ascii: "\n")]) }
      try file.close()
    }
    guard json else {
      return try Console.result("\(place.url.relativePath): \(lines.count) \(noun)")
    }
    try Console.result(["output": .string(place.url.relativePath), "rows": .integer(lines.count)])
  }
}
