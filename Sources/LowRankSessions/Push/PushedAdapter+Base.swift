import Foundation
import LowRank
import LowRankHub

extension PushedAdapter {
  /// The base by its name on the hub; by the last name of a folder otherwise.
  var base: ModelCard.Base {
    var base = ModelCard.Base(fingerprint: folder.baseFingerprint)
    guard let path = basePath else { return base }
    // What we wrote names a commit beside a name on the hub: without one, it is a folder's path.
    let isPath = version != nil && folder.config["revision"]?.string == nil
    let isHere = FileManager.default.fileExists(atPath: path)
    if let origin = try? ModelFolder(at: URL(filePath: path)).origin {
      (base.id, base.revision, base.file) = (origin.name, origin.commit, origin.path)
    } else if !isPath, !isHere, let file = try? HubFile(path) {
      (base.id, base.file) = (file.repository.id, file.path)
      base.revision = folder.config["revision"]?.string
    } else if !isPath, !isHere, let name = try? HubName(path) {
      (base.id, base.revision) = (name.id, folder.config["revision"]?.string)
    } else {
      base.folder = URL(filePath: path).standardizedFileURL.lastPathComponent
    }
    return base
  }

  /// The version of ours that wrote an adapter; nil where another tool did.
  var version: String? {
    guard let text = folder.file.metadata["lowrank"]?.string,
      let facts = try? JSONValue(parsing: text).object
    else { return nil }
    return facts["version"]?.string
  }
}
