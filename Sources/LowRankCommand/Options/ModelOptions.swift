import ArgumentParser
import Foundation
import LowRank

/// The flags that every verb with a model shares.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model folder: config.json beside *.safetensors. (required)", valueName: "dir"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "An adapter folder as PEFT writes it. (merge: required; train: see --init-adapter)",
      valueName: "dir"))
  var adapter: String?

  @Option(
    help: ArgumentHelp(
      "f32, bf16, or auto: bf16 where the processor multiplies it natively.", valueName: "type"))
  var precision: String = "auto"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of threads. (default: all cores)", valueName: "n"))
  var threads: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of all random numbers.", valueName: "n"))
  var seed: Int = 0

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  /// The engine asked for.
  func engine() throws -> CPUEngine { try Threads.engine(threads) }

  /// The seed as random numbers take it.
  var seedBits: UInt64 { UInt64(bitPattern: Int64(seed)) }

  /// Opens the model, saying aloud what was noticed.
  func loadModel() throws -> Model {
    guard let model else { throw UsageError("--model DIR is missing") }
    let loaded = try Model(
      from: URL(filePath: model), precision: Precision(flag: precision), engine: engine())
    for note in loaded.notes { Console.write("note: \(note)") }
    return loaded
  }

  /// The model with the adapter, where one is given, hung in, and how passes select it.
  func loadAdapted() throws -> (model: Model, selection: AdapterSelection, adapter: Adapter?) {
    let base = try loadModel()
    guard let adapter else { return (base, .none, nil) }
    let loaded = try Adapter(from: URL(filePath: adapter), on: base)
    return (loaded.model, loaded.selection, loaded)
  }
}
