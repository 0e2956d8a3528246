import Foundation
import LowRank

extension RunSettings {
  /// Refuses settings about tokens where rows are images.
  func checkForImages() throws {
    guard try parsedTask == .imageClassification else { return }
    let settings: [(RunKey, Bool, String)] = [
      (.packing, plan.packing, "images have one length, so there is nothing to pack"),
      (
        .trainableTokens, subject == .adapter && adapter.trainableTokens != nil,
        "images have no tokens of a vocabulary"
      ),
    ]
    for (key, isGiven, reason) in settings where isGiven {
      throw SettingsError("\(key) has no effect with \(.task) \(task): \(reason)")
    }
  }

  /// Refuses a task of images on a model of texts, and the other way round, before rows are read.
  func checkModality(_ task: TrainingTask) throws {
    let config =
      try model.model.map { try ModelFolder.config(at: Located.model($0)) }
      ?? config.map { try JSONFile(at: URL(filePath: $0)) }
    guard let config else { return }
    try Self.checkModality(of: config, task)
  }

  /// Refuses a task of images on a model of texts, and the other way round.
  package static func checkModality(of config: JSONFile, _ task: TrainingTask) throws {
    let readsImages = try Architectures.readsImages(config)
    guard readsImages != (task == .imageClassification) else { return }
    let name = try config.string("model_type")
    throw SettingsError(
      readsImages
        ? "\(config.source): \(name) reads images, and \(.task) \(task.rawValue) is of texts: give \(.task) \(TrainingTask.imageClassification.rawValue)"
        : "\(config.source): \(name) reads texts, and \(.task) \(task.rawValue) is of images: give another model, such as one of ViT or DeiT"
    )
  }
}
