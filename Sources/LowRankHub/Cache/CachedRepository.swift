import Foundation
import LowRankCheckpoints

/// A repository's part of the cache, in the layout of `huggingface_hub`.
struct CachedRepository: Sendable {
  /// `models--owner--name` or `datasets--owner--name` in the cache.
  let folder: String
  /// The folder of its locks.
  let locks: String

  init(_ name: HubName, in cache: String) {
    let directory = "\(name.kind.plural)--" + name.id.replacing("/", with: "--")
    folder = "\(cache)/\(directory)"
    locks = "\(cache)/.locks/\(directory)"
  }

  /// Where the files of a commit are, under the names that they have in the repository.
  func snapshot(_ commit: String) -> String { "\(folder)/snapshots/\(commit)" }

  /// Where a file of a commit is.
  func pointer(_ path: String, _ commit: String) -> String { "\(snapshot(commit))/\(path)" }

  /// Where a content is, whichever names it has.
  func blob(_ etag: String) -> String { "\(folder)/blobs/\(etag)" }

  /// Where a content is gathered that is not whole yet.
  func partial(_ etag: String) -> String { "\(blob(etag)).lowrank.incomplete" }

  /// Who holds this writes the content.
  func lock(_ etag: String) -> String { "\(locks)/\(etag).lock" }

  /// What says that a commit has no such file.
  func absence(_ path: String, _ commit: String) -> String {
    "\(folder)/.no_exist/\(commit)/\(path)"
  }

  /// What lists the files of a commit of a data set, those included that are not here.
  func listing(_ commit: String) -> String { "\(folder)/.lowrank/\(commit)" }

  /// The commit that a revision meant when it was last asked for.
  func commit(of name: HubName) -> String? {
    guard !name.isCommit else { return name.revision }
    guard let data = FileManager.default.contents(atPath: reference(name.revision)) else {
      return nil
    }
    let commit = String(decoding: data, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    return HubName.isCommit(commit) ? commit : nil
  }

  /// Where that is written down.
  func reference(_ revision: String) -> String { "\(folder)/refs/\(revision)" }

  /// Whether a commit's file is here.
  func has(_ path: String, _ commit: String) -> Bool { Self.size(pointer(path, commit)) != nil }

  /// Whether a commit is known to have no such file.
  func lacks(_ path: String, _ commit: String) -> Bool { Self.size(absence(path, commit)) != nil }

  /// The size of a file, or of the one that a link leads to; nil where there is none.
  static func size(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}
