import Foundation
import LowRank

extension RunSettings {
  /// The model that continues texts: the one that is named, or a new one with random weights, whose folder is among the
  /// temporary ones for as long as it is held.
  func openCausalBase() throws -> (Model, ScratchFolder?) {
    guard subject == .model, model.model == nil else {
      return (try loadBase(as: .causal), nil)
    }
    let folder = try newModel()
    return (try model.open(folder.url, as: .causal), folder)
  }

  /// The model that continues texts, grown by the tokens of the adapter that the run begins with, or by those that are added.
  func openExtendedBase() throws -> (
    model: Model, addedTokens: AddedTokens?, scratch: ScratchFolder?
  ) {
    let (opened, scratch) = try openCausalBase()
    var base = opened
    let tokens = adapter.addedTokens
    if let start = initAdapter {
      guard tokens.tokens == nil else {
        throw SettingsError(
          "\(.addTokens) has no effect with \(.initAdapter), whose adapter keeps its own tokens")
      }
      base = try AdapterFolder(at: Located.adapter(start)).fitting(base)
    }
    try checkSelection(in: base)
    let added = try base.folder.flatMap {
      try tokens.extending($0.url, data.chatTemplate)
    }
    return (added?.fitting(base) ?? base, added, scratch)
  }

  /// Refuses modules and layers that the model does not have, before rows are read and tokenised.
  private func checkSelection(in base: Model) throws {
    guard subject == .adapter, initAdapter == nil else { return }
    let configuration = try adapter.configuration()
    try AdapterError.asSettings(target: adapter.targetKey) {
      try configuration.checkSelection(in: base.architecture)
    }
  }

  /// The model that classifies: the one that is named, or a new one of images with random weights.
  func openClassifierBase(
    _ classes: Classification, renewingHead renewsHead: Bool
  ) throws -> (Model, ScratchFolder?) {
    guard subject == .model, model.model == nil else {
      var classes = classes
      if let start = initAdapter, case .classifier(let own?) = try model.adapterFolder(start).head {
        classes.className = own.className
      }
      let base = try loadBase(as: .classifier(classes), renewingHead: renewsHead)
      try checkSelection(in: base)
      return (base, nil)
    }
    let folder = try newImageModel(classes)
    return (try model.open(folder.url, as: .classifier(classes)), folder)
  }

  /// A folder with random weights beside what is done to images: a file next to the configuration says it, or the
  /// processor of ViT makes them of the model's size.
  private func newImageModel(_ classes: Classification) throws -> ScratchFolder {
    _ = try Precision(setting: model.precision)
    let file = URL(filePath: self.config ?? "")
    let config = try JSONFile(at: file)
    let random = try Model(
      random: config, as: .classifier(classes), seed: model.seedBits, precision: .float32,
      engine: model.engine())
    let own = file.deletingLastPathComponent().appending(path: ImageProcessor.fileName)
    let processor: ImageProcessor? =
      try FileManager.default.fileExists(atPath: own.path)
      ? ImageProcessor(JSONFile(at: own))
      : random.architecture.backbone.imageInput.map {
        ImageProcessor(size: .init(width: $0.width, height: $0.height))
      }
    let scratch = try ScratchFolder.made(for: "pretrain")
    try random.save(to: scratch.url)
    if let processor {
      try JSONValue.object(processor.json)
        .write(to: scratch.url.appending(path: ImageProcessor.fileName))
    }
    return scratch
  }

  /// A folder with random weights beside the tokenizer's files.
  private func newModel() throws -> ScratchFolder {
    // Refuses a precision that is none before anything is made.
    _ = try Precision(setting: model.precision)
    let config = try JSONFile(at: URL(filePath: config ?? ""))
    let folder = URL(filePath: tokenizer ?? "")
    let texts = try ModelTexts(at: folder)
    guard !texts.names.isEmpty else {
      throw SettingsError("\(.tokenizer) \(folder.relativePath) holds no tokenizer.json")
    }
    let scratch = try ScratchFolder.made(for: "pretrain")
    try Model(
      random: config, as: .causal, seed: model.seedBits, precision: .float32,
      engine: model.engine()
    ).save(to: scratch.url)
    try texts.write(into: scratch.url)
    return scratch
  }
}
