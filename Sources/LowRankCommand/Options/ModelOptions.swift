import ArgumentParser
import Foundation
import LowRank

/// What the help of a verb says of its adapter.
protocol AdapterWording {
  static var adapter: String { get }
}

/// A verb that works with and without an adapter.
enum AdapterIfGiven: AdapterWording {
  static let adapter =
    "The adapter: a folder of PEFT or mlx-lm, a GGUF file, or a name on the hub. (default: none)"
}

/// A verb that needs an adapter.
enum AdapterRequired: AdapterWording {
  static let adapter =
    "The adapter: a folder of PEFT or mlx-lm, a GGUF file, or a name on the hub. (required)"
}

/// A verb that makes an adapter.
enum AdapterMade: AdapterWording {
  static let adapter = "Not for train; see --adapter-path and --init-adapter."
}

/// The flags that every verb with a model shares.
struct ModelOptions<Wording: AdapterWording>: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model: a folder with config.json and its weights, a GGUF file, or owner/name[@revision] on the hub. (required)",
      valueName: "model"), completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp("\(Wording.adapter)", valueName: "adapter"), completion: .adapter)
  var adapter: String?

  @OptionGroup var checks: CheckOptions

  @Option(
    help: ArgumentHelp(
      "f32, bf16, or auto: bf16 where the processor multiplies it natively.", valueName: "type"),
    completion: .precision)
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

  @OptionGroup var console: ConsoleOptions

  /// The engine asked for.
  func engine() throws -> CPUEngine { try Threads.engine(threads) }

  /// The seed as random numbers take it.
  var seedBits: UInt64 { UInt64(bitPattern: Int64(seed)) }

  /// Opens the model, with notes about what was noticed.
  ///
  /// - Parameters:
  ///   - head: the head on the backbone; by default that of the folder.
  ///   - renewsHead: whether to reinitialize the output layer of a classifier that the folder has.
  func loadModel(as head: ModelHead? = nil, renewingHead renewsHead: Bool = false) throws -> Model {
    guard let model else { throw UsageError("--model DIR is missing") }
    let loaded = try Model(
      from: Located.model(model), as: head, precision: PrecisionChoice.taken(precision),
      engine: engine(), seed: seedBits, renewsHead: renewsHead)
    PrecisionChoice.announce()
    for note in loaded.notes { Console.write("note: \(note)") }
    return loaded
  }

  /// An adapter of any format that says how it is scaled.
  func adapterFolder(_ text: String) throws -> AdapterFolder {
    try AdapterFolder(at: Located.adapter(text), model: model.map { try Located.model($0) })
  }

  /// The model with the adapter, where one is given, applied, and how passes select it.
  ///
  /// - Parameter head: what stands on the backbone; by default what the adapter says, then what the folder does.
  func loadAdapted(as head: ModelHead? = nil) throws -> AdaptedModel {
    try checks.checkUsed(adapter != nil, with: "--adapter")
    guard let adapter else { return AdaptedModel(model: try loadModel(as: head)) }
    let folder = try adapterFolder(adapter)
    let base = try loadModel(as: head ?? folder.head)
    let loaded = try checks.load(folder.url, on: base)
    return AdaptedModel(model: loaded.model, selection: loaded.selection, adapter: loaded)
  }
}

/// A model with the adapter that passes select, or with none.
struct AdaptedModel {
  var model: Model
  var selection = AdapterSelection.none
  var adapter: Adapter?

  /// What the adapter, or the model itself, tells apart.
  ///
  /// - Throws: `ModelError.noClassifier` where neither has a trained head.
  var labelledTask: LabelledTask {
    get throws {
      let folder = model.folder?.url.relativePath ?? "the model"
      let untrained = try model.freshModules.filter {
        try adapter?.savesHeadModule($0) != true
      }
      guard model.classifier != nil, untrained.isEmpty else {
        throw ModelError.noClassifier(
          folder: folder, name: model.architecture.className, lacking: untrained)
      }
      if let json = adapter?.task, json["task"] != nil {
        return try LabelledTask(JSONSection(json, of: "the adapter's task"))
      }
      let classification = try Classification(model.config)
      let names = Set(classification.labels.map { ExactText($0) })
      guard names.count == classification.labels.count else {
        throw ModelError.unsupportedValue(
          file: model.config.source, key: "id2label", value: "of two classes with one name",
          expected: "a name for each class")
      }
      return LabelledTask(classification)
    }
  }
}
