import Foundation
import LowRank

extension Train {
  /// Matches the labels of the rows to the head that the run starts from: that of `--init-adapter` if it is for these
  /// labels, else the model's own.
  func headMatch(_ rows: LabelledRows, _ labels: LabelMap?) throws -> HeadMatch {
    if let start = runOptions.initAdapter {
      let folder = try options.adapterFolder(start)
      if case .classifier(let classes?) = try folder.head {
        let match = HeadMatch(rows, labels, head: classes, of: folder.url.relativePath)
        let wanted = LabelledTask(rows.task, columns: rows.columns, labels: match.labels)
        if match.keepsHead, classes.isHead(of: wanted.classification) { return match }
      }
    }
    guard let model = options.model else { throw UsageError("--model DIR is missing") }
    let folder = try ModelFolder(at: Located.model(model))
    guard try folder.hasClassifierHead else { return HeadMatch(withoutHead: labels) }
    return HeadMatch(
      rows, labels, head: try Classification(folder.config), of: folder.url.relativePath)
  }
}
