import ArgumentParser
import Foundation
import LowRank

/// The flags that measure a compressed adapter on data.
struct VerificationOptions: ParsableArguments {
  @Flag(help: "Measure loss and KL divergence before and after, on --data with --model.")
  var verify = false

  @Flag(help: "Measure the loss over budgets and policies instead of writing an adapter.")
  var sweep = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Find the fewest of the largest singular values whose loss is at most this much above, as 0.5% or 0.01; with --sweep the smallest adapter of every policy.",
      valueName: "x"))
  var maxLossIncrease: String?

  @Option(
    help: ArgumentHelp(
      "Weigh components by what they make of the inputs on these rows, which needs --model.",
      valueName: "path"))
  var calibrate: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The rows of --calibrate that are read.", valueName: "n"))
  var calibrationRows: Int = 512

  @Option(
    help: ArgumentHelp(
      "The model folder, for measuring, and for what a GGUF file does not say.", valueName: "dir"))
  var model: String?

  @Option(
    help: ArgumentHelp("f32, bf16 or auto, for measuring.", valueName: "type"))
  var precision: String = "auto"

  @OptionGroup var data: DataOptions

  /// Whether anything is to be measured.
  var measures: Bool { verify || sweep || maxLossIncrease != nil }

  /// The greatest loss that is accepted.
  ///
  /// - Throws: `UsageError` where the flag is no number.
  func limit(above loss: Double) throws -> Double? {
    guard let text = maxLossIncrease else { return nil }
    let isShare = text.hasSuffix("%")
    guard let number = Double(isShare ? String(text.dropLast()) : text), number >= 0,
      number.isFinite
    else {
      throw UsageError("--max-loss-increase is \"\(text)\", expected a number as 0.5% or 0.01")
    }
    return isShare ? loss * (1 + number / 100) : loss + number
  }

  /// What measures the adapter.
  ///
  /// - Throws: `UsageError` where a flag is missing, and what reading model and data throws.
  func meter(for adapter: StoredAdapter, threads: Int?) throws -> QualityMeter {
    guard let data = data.data else { throw UsageError("--data FILE is missing, to measure on") }
    _ = try limit(above: 0)
    let base = try base(threads)
    return try QualityMeter(adapter, on: base, data: set(data, base))
  }

  /// What the modules are given on the calibration data; nil where none is asked for.
  ///
  /// - Throws: `UsageError` where a flag is missing, and what reading model and data throws.
  func calibration(for adapter: StoredAdapter, threads: Int?) throws -> Calibration? {
    guard let calibrate else { return nil }
    try Bounds.check(calibrationRows, "--calibration-rows")
    let base = try base(threads)
    return try Calibration(adapter, on: base, data: set(calibrate, base), rows: calibrationRows)
  }

  private func base(_ threads: Int?) throws -> Model {
    guard let model else { throw UsageError("--model DIR is missing, to measure with") }
    let precision = try Precision(flag: precision)
    let base = try Model(
      from: URL(filePath: model), precision: precision, engine: Threads.engine(threads))
    for note in base.notes { Console.write("note: \(note)") }
    Console.write("measuring in \(base.type.rawValue)")
    return base
  }

  private func set(_ path: String, _ base: Model) throws -> ExampleSet {
    let set = try ExampleSet(
      at: try Evaluate.file(URL(filePath: path)), encoder: data.encoder(for: base),
      textColumn: data.singleTextColumn)
    DataOptions.announce(set)
    return set
  }
}
