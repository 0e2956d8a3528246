import Foundation

/// Owners, their repositories, and the names of commits.
enum Accounts {
  static func whoAmI(_ asked: Asked, _ state: HubState) throws -> Answer {
    guard let token = try state.token(asked) else {
      throw Refusal(401, nil, "Invalid username or password.")
    }
    let role: String
    if case .nothing = token.writes { role = "read" } else { role = "write" }
    return try .json(
      [
        "type": "user", "id": "1", "name": token.user, "fullname": token.user,
        "orgs": [[String: Any]](),
        "auth": [
          "type": "access_token", "accessToken": ["displayName": "test", "role": role],
        ] as [String: Any],
      ] as [String: Any])
  }

  static func create(_ asked: Asked, _ state: inout HubState) throws -> Answer {
    let fields = try asked.object()
    guard let token = try state.token(asked) else {
      throw Refusal(401, nil, "Invalid username or password.")
    }
    guard let name = fields["name"] as? String else { throw Refusal(400, nil, "name is required") }
    let id = "\(fields["organization"] as? String ?? token.user)/\(name)"
    guard token.writes(to: id) else {
      throw Refusal(
        403, nil, "You don't have the rights to create a model under the namespace \"\(id)\"")
    }
    let url = "\(state.address)/\(id)"
    guard state.repositories[id] == nil else {
      return try .json(
        ["error": "You already created this model repo", "url": url], status: 409,
        [("X-Error-Message", "You already created this model repo")])
    }
    var repository = Repository(id)
    repository.isPrivate =
      fields["visibility"] as? String == "private" || fields["private"] as? Bool == true
    state.repositories[id] = repository
    return try .json(["url": url, "name": id, "id": id])
  }

  /// Makes a branch or a tag.
  static func name(
    _ id: String, _ name: String, isTag: Bool, _ asked: Asked, _ state: inout HubState
  ) throws -> Answer {
    var repository = try state.repository(id, asked)
    try state.checkWriting(to: id, asked)
    let fields = try asked.object()
    // A tag is set at the revision of its address, a branch takes that for its own name.
    let tag = fields["tag"] as? String
    let start = isTag ? name : fields["startingPoint"] as? String ?? "main"
    let commit = try repository.known(start)
    let new = isTag ? tag ?? name : name
    guard (isTag ? repository.tags[new] : repository.branches[new]) == nil else {
      throw Refusal(409, nil, "Reference already exists")
    }
    if isTag { repository.tag(new, at: commit) } else { repository.branch(new, at: commit) }
    state.repositories[id] = repository
    return try .json(["ref": new])
  }
}
