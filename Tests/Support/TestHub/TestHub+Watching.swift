import Foundation

extension TestHub {
  /// Makes the hub fail.
  package func fail(_ fault: Fault) { store.with { $0.faults.add(fault) } }

  /// Ends all faults.
  package func recover() { store.with { $0.faults.clear() } }

  /// All requests so far, in the order of their coming.
  package var log: [LoggedRequest] { store.with { $0.log } }

  /// Forgets the requests so far.
  package func clearLog() { store.with { $0.log = [] } }

  /// The address of the store of large files: another host than the hub's own.
  package var storeURL: String { store.with { $0.store } }

  /// The commit that a revision leads to.
  package func commit(_ id: String, at revision: String = "main") -> String? {
    store.with { $0.repositories[id]?.commit(at: revision)?.id }
  }

  /// The bytes of a file.
  package func file(_ id: String, _ path: String, at revision: String = "main") -> Data? {
    store.with { $0.repositories[id]?.commit(at: revision)?.files[path]?.bytes }
  }

  /// The paths of all files.
  package func paths(_ id: String, at revision: String = "main") -> [String] {
    store.with { $0.repositories[id]?.commit(at: revision)?.paths ?? [] }
  }

  /// Whether only tokens see a repository.
  package func isPrivate(_ id: String) -> Bool {
    store.with { $0.repositories[id]?.isPrivate ?? false }
  }

  /// The titles of the commits that led to a revision, the latest first.
  package func titles(_ id: String, at revision: String = "main") -> [String] {
    store.with { $0.repositories[id]?.history(of: revision).map(\.title) ?? [] }
  }
}

extension Repository {
  /// The commits that led to a revision, the latest first.
  func history(of revision: String) -> [Commit] {
    var history: [Commit] = []
    var next = commit(at: revision)
    while let commit = next {
      history.append(commit)
      next = commit.parent.flatMap { commits[$0] }
    }
    return history
  }
}
