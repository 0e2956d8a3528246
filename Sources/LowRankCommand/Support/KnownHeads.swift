import Foundation
import LowRank

/// The heads that a run may begin with, as far as their numbers of classes say what numbers in labels mean.
enum KnownHeads {
  /// The numbers of classes of an adapter to begin with and of the model, in this order; what says none is left out.
  ///
  /// - Throws: what reading the files throws.
  static func counts(model: String?, adapter: String?) throws -> [Int] {
    var counts: [Int] = []
    if let adapter, let task = try AdapterFolder(at: Located.adapter(adapter)).task,
      let labels = task["id2label"]?.object
    {
      counts.append(labels.count)
    }
    // What is wrong with the configuration is said when the model is loaded.
    if let model,
      let config = try? JSONFile(at: Located.model(model).appending(path: "config.json"))
    {
      let isClassifier = config["architectures"]?.array?.contains {
        $0.string?.hasSuffix("ForSequenceClassification") == true
      }
      // transformers' default of two classes says nothing.
      if isClassifier == true || config["id2label"] != nil || config["num_labels"] != nil,
        let head = try? Classification(config)
      {
        counts.append(head.labels.count)
      }
    }
    return counts
  }
}
