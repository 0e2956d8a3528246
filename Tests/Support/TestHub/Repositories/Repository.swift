import Foundation

/// A repository of models: commits, and names that lead to them.
struct Repository: Sendable {
  var id: String
  var isPrivate = false
  var isGated = false
  private(set) var commits: [String: Commit] = [:]
  private(set) var branches: [String: String] = [:]
  private(set) var tags: [String: String] = [:]
  /// The heads of pull requests, from number 1.
  private(set) var pulls: [String] = []

  /// A repository as the hub makes it, with one commit on `main`.
  init(_ id: String, files: [String: StoredFile]? = nil) {
    self.id = id
    let attributes = StoredFile(
      Data("*.safetensors filter=lfs diff=lfs merge=lfs -text\n".utf8), isLarge: false)
    add(
      Commit(files ?? [".gitattributes": attributes], title: "initial commit", parent: nil),
      to: "main")
  }

  /// The commit that a branch, tag, pull request or commit's name leads to.
  func commit(at revision: String) -> Commit? {
    let pull = Self.pullNumber(revision).flatMap {
      pulls.indices.contains($0 - 1) ? pulls[$0 - 1] : nil
    }
    let branch = revision.hasPrefix("refs/heads/") ? String(revision.dropFirst(11)) : revision
    return commits[pull ?? branches[branch] ?? tags[revision] ?? revision]
  }

  /// Whether commits can be made at a revision: branches and pull requests can move.
  func canMove(_ revision: String) -> Bool {
    branches[revision] != nil
      || Self.pullNumber(revision).map { 1...max(1, pulls.count) ~= $0 } == true
  }

  mutating func add(_ commit: Commit, to branch: String) {
    commits[commit.id] = commit
    if let number = Self.pullNumber(branch) {
      pulls[number - 1] = commit.id
    } else {
      branches[branch] = commit.id
    }
  }

  /// Opens a pull request with one commit and returns its number.
  mutating func open(_ commit: Commit) -> Int {
    commits[commit.id] = commit
    pulls.append(commit.id)
    return pulls.count
  }

  mutating func branch(_ name: String, at commit: Commit) { branches[name] = commit.id }

  mutating func tag(_ name: String, at commit: Commit) { tags[name] = commit.id }

  private static func pullNumber(_ revision: String) -> Int? {
    revision.hasPrefix("refs/pr/") ? Int(revision.dropFirst(8)).flatMap { $0 > 0 ? $0 : nil } : nil
  }
}
