import ArgumentParser
import Foundation
import LowRank
import LowRankConsole

/// The flags that all experiments share.
struct ExperimentOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The model folder. (required)", valueName: "dir"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The data folder, with rows to train on and rows for validation. (required)",
      valueName: "dir"))
  var data: String?

  @Option(
    help: ArgumentHelp("Where adapters and reports are written. (required)", valueName: "dir"))
  var output: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps of each run.", valueName: "n"))
  var iters: Int = 200

  @Option(parsing: .unconditional, help: ArgumentHelp("Rows of a step.", valueName: "n"))
  var batchSize: Int = 8

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The learning rate, which decays to 0 along a line.", valueName: "x"))
  var learningRate: Double = 2e-3

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of all random numbers.", valueName: "n"))
  var seed: Int = 0

  @Option(
    help: ArgumentHelp(
      "f32, bf16, or auto: bf16 where the processor multiplies it natively.", valueName: "type"))
  var precision: String = "auto"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Rows of the validation data that are used.", valueName: "n"))
  var rows: Int = 512

  @Flag(help: "Train adapters again that are there with other settings.")
  var overwrite = false

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  /// The seed as random numbers take it.
  var seedBits: UInt64 { UInt64(bitPattern: Int64(seed)) }

  /// The folders, all of which have to be named.
  func folders() throws -> (model: URL, data: URL, output: URL) {
    func url(_ path: String?, _ flag: String) throws -> URL {
      guard let path, !path.isEmpty else { throw UsageError("\(flag) DIR is missing") }
      return URL(filePath: path)
    }
    return (try url(model, "--model"), try url(data, "--data"), try url(output, "--output"))
  }

  func parsedPrecision() throws -> Precision {
    guard let precision = Precision(rawValue: precision) else {
      throw UsageError("--precision is \"\(precision)\", expected f32, bf16 or auto")
    }
    return precision
  }

  /// Refuses flags that make no sense, before anything is read.
  func check() throws {
    _ = try folders()
    _ = try parsedPrecision()
    for (flag, value, greatest) in [
      ("--iters", iters, 1_000_000_000), ("--batch-size", batchSize, 1_000_000),
      ("--rows", rows, 1_000_000_000),
    ] where !(1...greatest).contains(value) {
      throw UsageError("\(flag) is \(value), expected a number from 1 to \(greatest)")
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw UsageError("--learning-rate is \(learningRate), expected a finite number above 0")
    }
  }

  /// Runs experiments on one laboratory and publishes what each found.
  func perform(_ experiments: [(name: String, findings: (Laboratory) throws -> Findings)]) throws {
    try check()
    let output = try folders().output
    for experiment in experiments {
      try Findings.checkPlace(output.appending(path: experiment.name))
    }
    let laboratory = try Laboratory(self)
    var results = JSONObject()
    for (name, find) in experiments {
      let findings = try find(laboratory)
      try findings.publish(at: output.appending(path: name))
      results[name] = .object(findings.json)
      if !json { try Console.result(findings.lines.joined(separator: "\n") + "\n") }
    }
    guard json, let only = results.entries.first?.value else { return }
    try Console.result((experiments.count == 1 ? only : .object(results)).text())
  }
}
