import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

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
  static let adapter =
    "Not for runs, which make an adapter: --adapter-path says where, and --init-adapter of train from which."
}

/// The flags that every verb with a model shares.
struct ModelOptions<Wording: AdapterWording>: ParsableArguments {
  @OptionGroup var base: ModelOption

  @Option(
    help: ArgumentHelp("\(Wording.adapter)", valueName: "adapter"), completion: .adapter)
  var adapter: String?

  @OptionGroup var checks: CheckOptions

  @OptionGroup var products: PrecisionOption

  @OptionGroup var threadOptions: ThreadOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of all random numbers.", valueName: "n"))
  var seed: Int = 0

  @OptionGroup var results: ResultOptions

  /// The model's folder, file or name.
  var model: String? { base.model }

  /// What these flags say.
  var settings: ModelSettings {
    var settings = ModelSettings(model)
    settings.checks = checks.settings
    (settings.precision, settings.threads) = (products.precision, threadOptions.threads)
    settings.seed = seed
    return settings
  }

  /// The model with the adapter, where one is given, applied, and how passes select it.
  ///
  /// - Parameter head: what stands on the backbone; by default what the adapter says, then what the folder does.
  func loadAdapted(as head: ModelHead? = nil) throws -> AdaptedModel {
    try checks.settings.checkUsed(adapter != nil, with: "--adapter")
    guard let adapter else { return AdaptedModel(model: try settings.loadModel(as: head)) }
    let folder = try settings.adapterFolder(adapter)
    let base = try settings.loadModel(as: head ?? folder.head)
    let loaded = try checks.settings.load(folder.url, on: base)
    return AdaptedModel(model: loaded.model, selection: loaded.selection, adapter: loaded)
  }
}

/// A model with the adapter that passes select, or with none.
struct AdaptedModel {
  var model: Model
  var selection = AdapterSelection.none
  var adapter: Adapter?

  /// A model with or without an adapter.
  init(model: Model, selection: AdapterSelection = .none, adapter: Adapter? = nil) {
    (self.model, self.selection, self.adapter) = (model, selection, adapter)
  }

  /// The base of an adapter with the adapter.
  init(_ adapter: Adapter) {
    self.init(model: adapter.model, selection: adapter.selection, adapter: adapter)
  }

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
      return LabelledTask(classification, isOfImages: readsImages)
    }
  }

  /// Whether the model reads images, and not texts.
  var readsImages: Bool { model.architecture.backbone.imageInput != nil }

  /// Refuses a model of images where texts are meant.
  func checkReadsTexts(_ verb: String) throws {
    guard readsImages else { return }
    throw UsageError(
      "\(verb) reads texts, but \(model.architecture.className) reads images; predict and evaluate take them"
    )
  }
}
