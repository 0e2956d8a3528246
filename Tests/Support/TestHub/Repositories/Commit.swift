import Foundation
import LowRankDigests

/// A state of a repository.
struct Commit: Sendable {
  let id: String
  let parent: String?
  let title: String
  let message: String
  let date: Date
  let files: [String: StoredFile]

  /// The same files, title and parent always have the same name.
  init(_ files: [String: StoredFile], title: String, message: String = "", parent: String?) {
    (self.files, self.title, self.message, self.parent) = (files, title, message, parent)
    date = Date()
    let tree = files.sorted { $0.key < $1.key }.map { "\($0.value.blob) \($0.key)\n" }.joined()
    let text = "parent \(parent ?? "")\ntitle \(title)\n\(message)\n\(tree)"
    id = Hashes.text {
      let digest = try Digest(.sha1)
      digest.update(text.utf8)
      return digest.hexadecimal
    }
  }

  /// The paths in order.
  var paths: [String] { files.keys.sorted() }
}
