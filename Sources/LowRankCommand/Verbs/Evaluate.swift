import ArgumentParser
import Foundation
import LowRank

/// `lowrank evaluate`: loss and perplexity on a file.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure loss and perplexity on a file, with or without an adapter.")

  @OptionGroup var options: ModelOptions
  @OptionGroup var dataOptions: DataOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("Rows at a time.", valueName: "n"))
  var batchSize: Int = 8

  func run() throws {
    guard let data = dataOptions.data else { throw UsageError("--data FILE is missing") }
    try Bounds.check(batchSize, "--batch-size")
    let (model, selection, _) = try options.loadAdapted()
    let set = try ExampleSet(
      at: Self.file(URL(filePath: data)), encoder: dataOptions.encoder(for: model),
      textColumn: dataOptions.textColumn)
    DataOptions.announce(set)
    let result = Evaluation(model, adapters: selection, on: set, batchSize: batchSize)
    guard result.loss.isFinite else {
      throw DataError(
        options.adapter ?? options.model ?? "",
        "the loss is not finite; the weights hold a number that is not, or one too large")
    }
    guard options.json else {
      try Console.result(
        String(
          format: "loss %.4f, perplexity %.3f over %d tokens", result.loss, result.perplexity,
          result.tokens))
      return
    }
    try Console.result([
      "loss": .double(result.loss), "perplexity": .double(result.perplexity),
      "tokens": .integer(result.tokens),
    ])
  }

  /// The file itself, or what a folder holds to evaluate on: valid before test.
  static func file(_ url: URL) throws -> URL {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
      isFolder.boolValue
    else { return url }
    let files = try DataFiles(at: url)
    guard let file = files.valid ?? files.test else {
      throw DataError(
        url.relativePath, "holds no valid and no test file; name the file to evaluate on")
    }
    return file
  }
}
