import Foundation

extension TestHub {
  /// Adds a repository made of bytes, or a further commit to one that is there.
  ///
  /// - Returns: The commit's name.
  @discardableResult
  package func add(
    _ id: String, files: [String: Data], branch: String = "main", title: String? = nil
  ) -> String {
    let stored = files.reduce(into: [String: StoredFile]()) { stored, file in
      let isLarge = StoredFile.isLarge(file.key, size: file.value.count)
      stored[file.key] = StoredFile(file.value, isLarge: isLarge)
    }
    return add(id, stored, to: branch, title: title)
  }

  /// Adds a repository made of a folder on disk.
  @discardableResult
  package func add(_ id: String, folder: URL) throws -> String {
    add(id, try Folders.files(in: folder), to: "main", title: nil)
  }

  /// Adds every folder `owner/name` below a root.
  package func addFolders(below root: URL) throws {
    for (id, folder) in try Folders.repositories(below: root) { try add(id, folder: folder) }
  }

  private func add(
    _ id: String, _ files: [String: StoredFile], to branch: String, title: String?
  ) -> String {
    store.with { state in
      guard var repository = state.repositories[id] else {
        let repository = Repository(id, files: files)
        state.repositories[id] = repository
        return repository.branches["main"] ?? ""
      }
      let parent = repository.commit(at: branch) ?? repository.commit(at: "main")
      let commit = Commit(
        (parent?.files ?? [:]).merging(files) { $1 }, title: title ?? "Change files",
        parent: parent?.id)
      repository.add(commit, to: branch)
      state.repositories[id] = repository
      return commit.id
    }
  }

  /// Gives a commit another name that does not move.
  package func tag(_ id: String, _ tag: String, at revision: String = "main") {
    change(id) { repository in
      if let commit = repository.commit(at: revision) { repository.tag(tag, at: commit) }
    }
  }

  /// Makes a branch.
  package func branch(_ id: String, _ branch: String, at revision: String = "main") {
    change(id) { repository in
      if let commit = repository.commit(at: revision) { repository.branch(branch, at: commit) }
    }
  }

  /// Hides a repository from all without a token, or asks for consent before files are given.
  package func restrict(_ id: String, isPrivate: Bool = false, isGated: Bool = false) {
    change(id) { repository in (repository.isPrivate, repository.isGated) = (isPrivate, isGated) }
  }

  /// Moves a repository; its former name leads to the new one.
  package func rename(_ id: String, to name: String) {
    store.with { state in
      guard var old = state.repositories.removeValue(forKey: id) else { return }
      old.id = name
      state.repositories[name] = old
      state.renamed[id] = name
    }
  }

  /// Lets a token in.
  package func add(_ token: TestToken) { store.with { $0.tokens[token.text] = token } }

  private func change(_ id: String, _ change: (inout Repository) -> Void) {
    store.with { state in
      precondition(state.repositories[id] != nil, "no repository \(id)")
      if var repository = state.repositories[id] {
        change(&repository)
        state.repositories[id] = repository
      }
    }
  }
}
