/// Who may see and change what.
extension HubState {
  /// The token that came along; one that nobody has is refused.
  func token(_ asked: Asked) throws -> TestToken? {
    guard let text = asked.token else { return nil }
    guard let token = tokens[text] else {
      throw Refusal(401, nil, "Invalid credentials in Authorization header")
    }
    return token
  }

  /// A repository that may be seen.
  func repository(_ id: String, _ asked: Asked) throws -> Repository {
    let token = try token(asked)
    if let repository = repositories[id], !repository.isPrivate || token != nil {
      return repository
    }
    if let name = renamed[id] {
      let moved = asked.target.raw.replacing(id, with: name, maxReplacements: 1)
      let query = asked.target.query
      throw Refusal(
        307, nil, "Moved to \(name)",
        [("Location", query.isEmpty ? moved : "\(moved)?\(query)")])
    }
    throw Refusal(
      token == nil ? 401 : 404, "RepoNotFound",
      token == nil ? "Invalid username or password." : "Repository not found")
  }

  /// A repository whose files may be read.
  func readable(_ id: String, _ asked: Asked) throws -> Repository {
    let repository = try repository(id, asked)
    guard repository.isGated else { return repository }
    guard let token = try token(asked) else { throw Refusal.gated(id, isKnown: false) }
    guard token.opensGated else { throw Refusal.gated(id, isKnown: true) }
    return repository
  }

  /// Refuses who may not write to a repository.
  func checkWriting(to id: String, _ asked: Asked) throws {
    guard let token = try token(asked) else {
      throw Refusal(401, nil, "Invalid username or password.")
    }
    guard token.writes(to: id) else {
      throw Refusal(
        403, nil,
        "Forbidden: you must use a write token to upload to a repository of this namespace.")
    }
  }
}

extension Repository {
  /// The commit of a revision, or the hub's refusal.
  func known(_ revision: String) throws -> Commit {
    guard let commit = commit(at: revision) else {
      throw Refusal(404, "RevisionNotFound", "Invalid rev id: \(revision)")
    }
    return commit
  }
}

extension Refusal {
  static func gated(_ id: String, isKnown: Bool) -> Refusal {
    isKnown
      ? Refusal(
        403, "GatedRepo",
        "Access to model \(id) is restricted and you are not in the authorized list.")
      : Refusal(
        401, "GatedRepo",
        "Access to model \(id) is restricted. You must have access to it and be authenticated to access it."
      )
  }

  static let noSuchPage = Refusal(404, nil, "Sorry, we can't find the page you are looking for.")
}
