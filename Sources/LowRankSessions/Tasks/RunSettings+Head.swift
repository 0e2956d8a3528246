import Foundation
import LowRank

extension RunSettings {
  /// Matches the labels of the rows to the head that the run starts from: that of the initial adapter if it is for these
  /// labels, else the model's own.
  func headMatch(_ rows: LabelledRows, _ labels: LabelMap?) throws -> HeadMatch {
    if let start = initAdapter {
      let folder = try model.adapterFolder(start)
      if case .classifier(let classes?) = try folder.head {
        let match = HeadMatch(rows, labels, head: classes, of: folder.url.relativePath)
        let wanted = LabelledTask(rows.task, columns: rows.columns, labels: match.labels)
        if match.keepsHead, classes.isHead(of: wanted.classification) { return match }
      }
    }
    guard let model = model.model else {
      guard subject == .model else { throw SettingsError("\(.model) DIR is missing") }
      return HeadMatch(withoutHead: labels)
    }
    let folder = try ModelFolder(at: Located.model(model))
    guard try folder.hasClassifierHead else { return HeadMatch(withoutHead: labels) }
    return HeadMatch(
      rows, labels, head: try Classification(folder.config), of: folder.url.relativePath)
  }
}
