import LowRankCheckpoints

/// Where a push goes: a branch of a repository, and the commit that it adds to.
struct PushTarget: Sendable {
  let id: String
  let revision: String
  let head: String
  /// What lies there.
  let files: [String]

  /// Where people see it.
  func url(_ endpoint: String) -> String {
    let page = "\(endpoint)/\(id)"
    return revision == HubName.defaultRevision ? page : "\(page)/tree/\(revision.percentEncoded)"
  }

  /// Whether it is a model's repository, and no adapter's.
  var isModel: Bool {
    !files.contains("adapter_config.json")
      && files.contains { $0 == "config.json" || $0.hasPrefix("model.safetensors") }
  }

  /// Finds the place of a push, and makes what is missing.
  static func found(
    _ push: HubPush, _ sender: HubSender, _ report: @Sendable (String) -> Void
  ) async throws -> PushTarget {
    let name = try await owned(push.name, sender)
    let hub = sender.client.settings.endpoint
    do {
      let place = try await asked(name, sender)
      guard place.isPrivate || !push.isPrivate else { throw PushError.alreadyPublic(id: name.id) }
      return place.place
    } catch let error as HubError where error.kind == .absent && !push.opensPullRequest {
      try await make(name, isPrivate: push.isPrivate, sender)
      report("made \(hub)/\(name.id)\(push.isPrivate ? ", private" : "")")
    } catch let error as HubError where error.kind == .revision && !push.opensPullRequest {
      try await branch(name, sender)
      report("made the branch \(name.revision) of \(name.id)")
    }
    if name.revision != HubName.defaultRevision {
      do { return try await asked(name, sender).place } catch let error as HubError
        where error.kind == .revision
      { try await branch(name, sender) }
    }
    return try await asked(name, sender).place
  }

  /// The name with its owner: the token's, where it has none.
  private static func owned(_ name: HubName, _ sender: HubSender) async throws -> HubName {
    guard !name.id.contains("/") else { return name }
    let answer = try await sender.client.get("/api/whoami-v2")
    let hub = sender.client.settings.endpoint
    let reply = HubReply(
      status: answer.status, headers: answer.headers, bytes: try await answer.collected(),
      url: answer.url)
    try reply.check(name.id, hub)
    let user = try reply.read { try $0.string("name") }
    return try HubName("\(user)/\(name.id)@\(name.revision)")
  }

  private static func asked(_ name: HubName, _ sender: HubSender) async throws -> (
    place: PushTarget, isPrivate: Bool
  ) {
    let settings = sender.client.settings
    return try await sender.trying {
      let answer = try await sender.client.get(
        "/api/models/\(name.id)/revision/\(name.revision.percentEncoded)")
      do { try answer.check(name, settings) } catch let error as HubError
        where error.kind == .token
      {
        throw PushError.refusedToken(hub: settings.endpoint)
      }
      let reply = HubReply(
        status: answer.status, headers: answer.headers, bytes: try await answer.collected(),
        url: answer.url)
      return try reply.read { info in
        // A repository that was renamed says its name of today.
        let place = PushTarget(
          id: try info.optionalString("id") ?? name.id, revision: name.revision,
          head: try info.string("sha"),
          files: try info.objects("siblings").map { try $0.string("rfilename") })
        return (place, try info.bool("private", default: false))
      }
    }
  }

  private static func make(_ name: HubName, isPrivate: Bool, _ sender: HubSender) async throws {
    let parts = name.id.split(separator: "/").map(String.init)
    var wish: JSONObject = [
      "name": .string(parts[1]), "organization": .string(parts[0]), "type": "model",
    ]
    if isPrivate { wish["visibility"] = "private" }
    let wanted = JSONValue.object(wish)
    let reply = try await sender.post("/api/repos/create", wanted)
    guard reply.status != 409 else { return }
    try reply.check(name.id, sender.client.settings.endpoint)
  }

  private static func branch(_ name: HubName, _ sender: HubSender) async throws {
    let reply = try await sender.post(
      "/api/models/\(name.id)/branch/\(name.revision.percentEncoded)", [:])
    guard reply.status != 409 else { throw PushError.noBranch(revision: name.revision) }
    try reply.check(name.id, sender.client.settings.endpoint)
  }
}
