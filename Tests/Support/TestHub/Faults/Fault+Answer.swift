import Foundation

extension Fault {
  /// What the hub answers instead, or nil where it goes on to answer as it should.
  func answer(to asked: Asked, _ state: inout HubState) throws -> Answer? {
    switch kind {
    case .redirectLoop:
      let hop = asked.target.parameters["hop"].flatMap { Int($0) } ?? 0
      return .redirect(to: "\(asked.target.raw)?hop=\(hop + 1)")
    case .redirect:
      return .redirect(to: location ?? state.store + asked.target.raw)
    case .status:
      var refusal = Refusal(status ?? 503, nil, "The hub is out of order")
      if let seconds { refusal.fields = [("Retry-After", String(Int(seconds)))] }
      return try refusal.answer()
    case .gated:
      return try Refusal.gated(asked.target.path, isKnown: asked.token != nil).answer()
    case .notJSON:
      return Answer(
        200, [("Content-Type", "application/json")], body: Data("{\"sha\": oh no".utf8))
    case .html:
      return .text(
        "<!doctype html><html><body><h1>Log in to the network</h1></body></html>",
        type: "text/html")
    case .moved:
      try move(asked, &state)
      return nil
    default:
      return nil
    }
  }

  /// Commits to the branch that the request is about.
  private func move(_ asked: Asked, _ state: inout HubState) throws {
    guard let place = Target.split(asked.target.parts.dropFirst(2), at: ["commit", "preupload"]),
      var repository = state.repositories[place.id]
    else { return }
    let branch = place.rest.joined(separator: "/")
    let parent = try repository.known(branch)
    let file = StoredFile(Data("by someone else\n".utf8), isLarge: false)
    let files = parent.files.merging(["NEWS.md": file]) { $1 }
    repository.add(Commit(files, title: "Be first", parent: parent.id), to: branch)
    state.repositories[place.id] = repository
  }
}
