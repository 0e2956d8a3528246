import Foundation
import LowRank

/// The heads that a run may start from.
///
/// Their numbers of classes decide what integer labels mean.
package enum KnownHeads {
  /// The numbers of classes of the initial adapter and of the model, in this order, as far as they are known.
  ///
  /// - Throws: what reading the files throws.
  package static func counts(model: String?, adapter: String?) throws -> [Int] {
    var counts: [Int] = []
    if let adapter, let task = try AdapterFolder.task(at: Located.adapter(adapter)),
      let labels = task["id2label"]?.object
    {
      counts.append(labels.count)
    }
    // Loading the model reports errors in the configuration.
    if let model,
      let config = try? ModelFolder.config(at: Located.model(model))
    {
      let isClassifier = config["architectures"]?.array?.contains {
        $0.string.map(ModelHead.isClassifier) == true
      }
      // transformers' default of two classes does not count.
      if isClassifier == true || config["id2label"] != nil || config["num_labels"] != nil,
        let head = try? Classification(config)
      {
        counts.append(head.labels.count)
      }
    }
    return counts
  }
}
