/// The addresses below `/api`.
enum Interface {
  private static let words: Set = [
    "revision", "tree", "refs", "commits", "preupload", "commit", "branch", "tag",
  ]

  static func answer(_ asked: Asked, _ state: inout HubState) throws -> Answer {
    let parts = asked.target.parts
    switch (asked.method, parts.count > 1 ? parts[1] : "") {
    case ("GET", "whoami-v2"): return try Accounts.whoAmI(asked, state)
    case ("POST", "validate-yaml"): return try Commits.validate(asked)
    case ("POST", "repos") where parts.last == "create": return try Accounts.create(asked, &state)
    case (let method, "models"), (let method, "datasets"):
      // Data sets are kept under names with the folder that their addresses have.
      let folder = parts[1] == "datasets" ? "datasets/" : ""
      guard let place = Target.split(parts.dropFirst(2), at: words) else {
        guard method == "GET", 3...4 ~= parts.count else { throw Refusal.noSuchPage }
        let id = folder + parts.dropFirst(2).joined(separator: "/")
        return try Listings.info(id, "main", asked, &state)
      }
      return try answer(folder + place.id, method, place.word, place.rest, asked, &state)
    default: throw Refusal.noSuchPage
    }
  }

  private static func answer(
    _ id: String, _ method: String, _ word: String, _ rest: [String], _ asked: Asked,
    _ state: inout HubState
  ) throws -> Answer {
    // A pull request's name may come with its slashes as they are.
    let revision = rest.joined(separator: "/")
    switch (method, word) {
    case ("GET", "revision"): return try Listings.info(id, revision, asked, &state)
    case ("GET", "tree"): return try Listings.tree(id, rest, asked, &state)
    case ("GET", "refs"): return try Listings.refs(id, asked, state)
    case ("GET", "commits"): return try Listings.commits(id, revision, asked, state)
    case ("POST", "preupload"): return try Uploads.modes(id, revision, asked, state)
    case ("POST", "commit"): return try Commits.commit(id, revision, asked, &state)
    case ("POST", "branch"): return try Accounts.name(id, revision, isTag: false, asked, &state)
    case ("POST", "tag"): return try Accounts.name(id, revision, isTag: true, asked, &state)
    default: throw Refusal.noSuchPage
    }
  }
}
